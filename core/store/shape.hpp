// shape.hpp: what the trials of one cohort have in common: axes with their labels, and the series
// over them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "observe/records.hpp"
#include "store/h5.hpp"

namespace attnlab {

struct SeriesShape {
  std::string name;
  std::vector<std::string> axes;  // without the trial axis
  h5::Kind kind = h5::Kind::float64;
  std::string long_name, unit;
  bool operator==(const SeriesShape&) const = default;
};

struct CohortShape {
  std::vector<RecordAxis> axes;  // those that a series uses
  std::vector<SeriesShape> series;
  bool operator==(const CohortShape&) const = default;

  const RecordAxis& axis(const std::string& name) const;
  std::vector<Index> sizes(const SeriesShape& one) const;  // of one trial
  Index row_bytes(const SeriesShape& one) const;
};

CohortShape shape_of(const Records& records);
const void* values_of(const Series& series);

// Why these records cannot be columns over trials: an unknown axis, a length that does not fit, a
// name used twice. None: they can.
std::optional<std::string> contradiction_in(const Records& records);

std::string to_text(const CohortShape& shape);  // equal for equal shapes
CohortShape shape_from(const std::string& text);

}  // namespace attnlab

// trial_records.hpp: one finished trial as a claim sees it: its settings and its recorded arrays,
// wherever they are kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/index.hpp"
#include "base/settings.hpp"

namespace attnlab {

// Numbers of any stored type as doubles, row-major; the trial axis is gone.
struct RecordedArray {
  std::vector<Index> shape;
  std::vector<double> values;

  Index rows() const { return shape.empty() ? 1 : shape.front(); }
  Index row_size() const;  // numbers behind the first axis
  double at(Index row, Index place = 0) const {
    return values[static_cast<std::size_t>(row * row_size() + place)];
  }
};

class TrialRecords {
 public:
  virtual ~TrialRecords() = default;
  virtual Index number() const = 0;              // in the grid
  virtual bool done() const = 0;                 // false: diverged, failed, timed out, crashed
  virtual const Settings& settings() const = 0;  // complete and resolved
  // A series by name ("loss", "group_loss", ...); none: it was not recorded.
  virtual std::optional<RecordedArray> series(const std::string& name) const = 0;
  // The scale of an axis: numbers (steps) or names (groups, matrices); empty: no such axis.
  virtual std::vector<double> scale(const std::string& axis) const = 0;
  virtual std::vector<std::string> labels(const std::string& axis) const = 0;
};

}  // namespace attnlab

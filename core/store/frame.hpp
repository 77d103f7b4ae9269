// frame.hpp: a group whose datasets have a scale on every axis, a unit and a long name: what every
// reader asks for.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "observe/records.hpp"
#include "store/h5.hpp"
#include "store/shape.hpp"

namespace attnlab {

struct ColumnSpec {
  std::string name;
  h5::Kind kind = h5::Kind::float64;
  std::vector<std::string> axes;
  std::string long_name;
  std::string unit = "1";
  bool may_be_missing = false;  // NaN as _FillValue
};

enum class Packing { none, gzip };

class Frame {
 public:
  Frame(const h5::Handle& place, const std::string& name, Packing packing);
  const h5::Handle& group() const { return group_; }

  void axis(const RecordAxis& axis);  // makes the scale
  void axis(const std::string& name, std::span<const double> values,
            const std::string& long_name);    // the scale of a real coordinate
  h5::Handle column(const ColumnSpec& spec);  // its axes exist already

  // A column over the one axis `axis`, at once.
  void numbers(const ColumnSpec& spec, std::span<const std::int8_t> values);
  void numbers(const ColumnSpec& spec, std::span<const std::int32_t> values);
  void numbers(const ColumnSpec& spec, std::span<const std::int64_t> values);
  void numbers(const ColumnSpec& spec, std::span<const double> values);
  void texts(const ColumnSpec& spec, std::span<const std::string> values);

 private:
  h5::Handle group_;
  Packing packing_;
  std::map<std::string, h5::Handle> scales_;
};

// The sizes of one stored block: at most about 1 MiB, whole inner axes first, then a power of two.
std::vector<Index> chunk_of(const std::vector<Index>& sizes, h5::Kind kind);

// Group `name` below `place` for `trials` of one shape: scales, empty series and settings; then
// rows of series s by series(s).
class CohortGroup {
 public:
  CohortGroup(const h5::Handle& place, const std::string& name, const CohortShape& shape,
              const std::vector<std::int64_t>& trials, Packing packing);
  const h5::Handle& group() const { return frame_.group(); }
  const h5::Handle& series(std::size_t s) const { return series_[s]; }
  const h5::Handle& settings() const { return settings_; }

 private:
  Frame frame_;
  std::vector<h5::Handle> series_;
  h5::Handle settings_;
};

}  // namespace attnlab

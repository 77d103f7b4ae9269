// frame.cpp: scales, columns and cohort groups.
#include "store/frame.hpp"

#include <algorithm>
#include <bit>

namespace attnlab {
namespace {

// Writes what a scale or a column holds over its one axis.
template <class Value>
void fill(const h5::Handle& dataset, h5::Kind kind, std::span<const Value> values) {
  h5::write_rows(dataset, kind, 0, static_cast<Index>(values.size()), values.data());
}

void describe(const h5::Handle& dataset, const std::string& unit, const std::string& long_name,
              const std::string& name) {
  h5::set(dataset, "units", unit.empty() ? "1" : unit);
  h5::set(dataset, "long_name", long_name.empty() ? name : long_name);
}

}  // namespace

std::vector<Index> chunk_of(const std::vector<Index>& sizes, h5::Kind kind) {
  constexpr Index most = 1 << 20;
  std::vector<Index> chunk(sizes.size(), 1);
  Index room = most / static_cast<Index>(h5::size_of(kind));
  for (std::size_t i = sizes.size(); i-- > 0;) {
    if (i > 0 && sizes[i] <= room) {
      chunk[i] = std::max<Index>(sizes[i], 1);
      room /= chunk[i];
      continue;
    }
    // The axis that is cut, or the trial axis: half the room, so that a block is 256 KiB to 1 MiB.
    const auto half = static_cast<std::size_t>(std::max<Index>(room / 2, 1));
    chunk[i] =
        std::clamp<Index>(static_cast<Index>(std::bit_ceil(half)), 1, std::max<Index>(sizes[i], 1));
    break;
  }
  return chunk;
}

Frame::Frame(const h5::Handle& place, const std::string& name, Packing packing)
    : group_(h5::create_group(place, name)), packing_(packing) {}

void Frame::axis(const RecordAxis& axis) {
  const bool is_number = axis.labels.index() == 0;
  const h5::Layout layout{
      .kind = is_number ? h5::Kind::int64 : h5::Kind::text, .sizes = {axis.size()}, .chunk = {}};
  h5::Handle scale = h5::create_dataset(group_, axis.name, layout);
  if (is_number) {
    fill<std::int64_t>(scale, h5::Kind::int64, std::get<0>(axis.labels));
  } else {
    h5::write_text(scale, 0, std::get<1>(axis.labels));
  }
  h5::make_scale(scale, axis.name);
  describe(scale, axis.unit, axis.long_name, axis.name);
  scales_.emplace(axis.name, std::move(scale));
}

void Frame::axis(const std::string& name, std::span<const double> values,
                 const std::string& long_name) {
  const h5::Layout layout{
      .kind = h5::Kind::float64, .sizes = {static_cast<Index>(values.size())}, .chunk = {}};
  h5::Handle scale = h5::create_dataset(group_, name, layout);
  fill(scale, h5::Kind::float64, values);
  h5::make_scale(scale, name);
  describe(scale, "1", long_name, name);
  scales_.emplace(name, std::move(scale));
}

h5::Handle Frame::column(const ColumnSpec& spec) {
  h5::Layout layout{.kind = spec.kind, .sizes = {}, .chunk = {}, .nan_fill = spec.may_be_missing};
  for (const std::string& axis : spec.axes) {
    layout.sizes.push_back(h5::sizes_of(scales_.at(axis)).front());
  }
  if (packing_ == Packing::gzip && spec.kind != h5::Kind::text && !layout.sizes.empty()) {
    layout.chunk = chunk_of(layout.sizes, spec.kind);
  }
  h5::Handle dataset = h5::create_dataset(group_, spec.name, layout);
  if (spec.may_be_missing) h5::set_nan(dataset, "_FillValue", spec.kind);
  describe(dataset, spec.unit, spec.long_name, spec.name);
  for (std::size_t i = 0; i < spec.axes.size(); ++i) {
    h5::attach_scale(dataset, static_cast<Index>(i), scales_.at(spec.axes[i]));
  }
  return dataset;
}

void Frame::numbers(const ColumnSpec& spec, std::span<const std::int8_t> values) {
  fill(column(spec), h5::Kind::int8, values);
}
void Frame::numbers(const ColumnSpec& spec, std::span<const std::int32_t> values) {
  fill(column(spec), h5::Kind::int32, values);
}
void Frame::numbers(const ColumnSpec& spec, std::span<const std::int64_t> values) {
  fill(column(spec), h5::Kind::int64, values);
}
void Frame::numbers(const ColumnSpec& spec, std::span<const double> values) {
  fill(column(spec), h5::Kind::float64, values);
}
void Frame::texts(const ColumnSpec& spec, std::span<const std::string> values) {
  h5::write_text(column(spec), 0, values);
}

CohortGroup::CohortGroup(const h5::Handle& place, const std::string& name, const CohortShape& shape,
                         const std::vector<std::int64_t>& trials, Packing packing)
    : frame_(place, name, packing) {
  frame_.axis({"trial", trials, "number of the trial in the grid", "1"});
  for (const RecordAxis& axis : shape.axes) frame_.axis(axis);
  for (const SeriesShape& one : shape.series) {
    std::vector<std::string> axes{"trial"};
    axes.insert(axes.end(), one.axes.begin(), one.axes.end());
    const bool floating = one.kind == h5::Kind::float32 || one.kind == h5::Kind::float64;
    series_.push_back(frame_.column({one.name, one.kind, axes, one.long_name, one.unit, floating}));
  }
  settings_ = frame_.column({"settings",
                             h5::Kind::text,
                             {"trial"},
                             "complete settings of the trial, as YAML",
                             "1",
                             false});
}

}  // namespace attnlab

// h5_boxes.cpp: what HDF5 says of a dataset's chunks.
#include "store/h5_boxes.hpp"

#include <hdf5.h>

#include <bit>
#include <iterator>

#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

// False if the filters are not shuffle and deflate in this order: then HDF5 packs by itself.
bool has_our_filters(const Handle& creation, unsigned& level) {
  if (H5Pget_layout(creation.id()) != H5D_CHUNKED || H5Pget_nfilters(creation.id()) != 2)
    return false;
  for (unsigned i = 0; i < 2; ++i) {
    unsigned flags = 0, values[4] = {};
    std::size_t n_values = std::size(values);
    const auto filter =
        H5Pget_filter2(creation.id(), i, &flags, &n_values, values, 0, nullptr, nullptr);
    if (filter != (i == 0 ? H5Z_FILTER_SHUFFLE : H5Z_FILTER_DEFLATE)) return false;
    level = values[0];
  }
  return true;
}

}  // namespace

bool boxes_of(const Handle& dataset, Boxes& out) {
  if (std::endian::native != std::endian::little) return false;
  const Handle creation{check(H5Dget_create_plist(dataset.id()), "H5Dget_create_plist")};
  if (!has_our_filters(creation, out.level)) return false;
  out.extent = sizes_of(dataset);
  out.rank = out.extent.size();
  std::vector<hsize_t> chunk(out.rank);
  check(H5Pget_chunk(creation.id(), static_cast<int>(out.rank), chunk.data()), "H5Pget_chunk");
  for (const hsize_t one : chunk) out.size.push_back(static_cast<Index>(one));
  while (out.size.size() > 1 && out.size.back() == out.extent.back()) {
    out.tail *= out.size.back();
    out.size.pop_back();
    out.extent.pop_back();
  }
  out.size.back() *= out.tail;
  out.extent.back() *= out.tail;
  return true;
}

std::vector<std::uint64_t> offset_of(const Boxes& boxes, const std::vector<Index>& start,
                                     Index first) {
  std::vector<std::uint64_t> offset(boxes.rank, 0);
  for (std::size_t axis = 0; axis < start.size(); ++axis)
    offset[axis] = static_cast<std::uint64_t>(start[axis]);
  offset[start.size() - 1] /= static_cast<std::uint64_t>(boxes.tail);
  offset[0] += static_cast<std::uint64_t>(first);
  return offset;
}

std::vector<std::vector<Index>> starts_of(const Boxes& boxes) {
  std::vector<std::vector<Index>> starts{std::vector<Index>(boxes.size.size(), 0)};
  for (std::size_t axis = 0; axis < boxes.size.size(); ++axis) {
    const std::size_t n_so_far = starts.size();
    for (Index at = boxes.size[axis]; at < boxes.extent[axis]; at += boxes.size[axis]) {
      for (std::size_t i = 0; i < n_so_far; ++i) {
        starts.push_back(starts[i]);
        starts.back()[axis] = at;
      }
    }
  }
  return starts;
}

}  // namespace attnlab::h5

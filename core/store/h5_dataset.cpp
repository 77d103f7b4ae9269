// h5_dataset.cpp: datasets by rows, and the dimension scales of their axes.
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <limits>

#include "store/h5.hpp"
#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

std::vector<hsize_t> to_hsize(const std::vector<Index>& sizes) {
  std::vector<hsize_t> out;
  for (const Index size : sizes) out.push_back(static_cast<hsize_t>(size));
  return out;
}

Handle space_of(const std::vector<Index>& sizes) {
  if (sizes.empty()) return Handle{check(H5Screate(H5S_SCALAR), "H5Screate")};
  const auto now = to_hsize(sizes);
  auto most = now;
  for (auto& size : most) {
    if (size == 0) size = H5S_UNLIMITED;
  }
  return Handle{check(H5Screate_simple(static_cast<int>(now.size()), now.data(), most.data()),
                      "H5Screate_simple")};
}

// The places of rows first .. first + n - 1, in memory and in the file.
struct Selection {
  Handle memory, file;
};
Selection select(const Handle& dataset, Index first, Index n) {
  Selection out;
  out.file = Handle{check(H5Dget_space(dataset.id()), "H5Dget_space")};
  auto count = to_hsize(sizes_of(dataset));
  if (count.empty()) {
    out.memory = Handle{check(H5Screate(H5S_SCALAR), "H5Screate")};
    return out;
  }
  std::vector<hsize_t> start(count.size(), 0);
  start[0] = static_cast<hsize_t>(first);
  count[0] = static_cast<hsize_t>(n);
  check(H5Sselect_hyperslab(out.file.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                            nullptr),
        "H5Sselect_hyperslab");
  out.memory = Handle{check(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                            "H5Screate_simple")};
  return out;
}

Handle type_in_file(Kind kind) {
  return kind == Kind::text ? text_type() : Handle{check(H5Tcopy(stored_type(kind)), "H5Tcopy")};
}

}  // namespace

std::size_t size_of(Kind kind) {
  switch (kind) {
    case Kind::int8: return 1;
    case Kind::int32:
    case Kind::float32: return 4;
    case Kind::int64:
    case Kind::float64: return 8;
    case Kind::text: return sizeof(char*);
  }
  return 0;
}

hid_t memory_type(Kind kind) {
  switch (kind) {
    case Kind::int8: return H5T_NATIVE_INT8;
    case Kind::int32: return H5T_NATIVE_INT32;
    case Kind::int64: return H5T_NATIVE_INT64;
    case Kind::float32: return H5T_NATIVE_FLOAT;
    case Kind::float64: return H5T_NATIVE_DOUBLE;
    case Kind::text: break;
  }
  return -1;
}

hid_t stored_type(Kind kind) {
  switch (kind) {
    case Kind::int8: return H5T_STD_I8LE;
    case Kind::int32: return H5T_STD_I32LE;
    case Kind::int64: return H5T_STD_I64LE;
    case Kind::float32: return H5T_IEEE_F32LE;
    case Kind::float64: return H5T_IEEE_F64LE;
    case Kind::text: break;
  }
  return -1;
}

Handle text_type() {
  Handle type{check(H5Tcopy(H5T_C_S1), "H5Tcopy")};
  check(H5Tset_size(type.id(), H5T_VARIABLE), "H5Tset_size");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

Handle create_dataset(const Handle& place, const std::string& name, const Layout& layout) {
  const Handle creation{check(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate")};
  check(H5Pset_obj_track_times(creation.id(), false), "H5Pset_obj_track_times");
  check(H5Pset_attr_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "H5Pset_attr_creation_order");
  std::vector<Index> chunk = layout.chunk;
  if (std::ranges::count(layout.sizes, 0) > 0) {
    chunk = layout.sizes;
    for (Index& size : chunk) size = std::clamp<Index>(size, 1, 64);
  }
  if (!chunk.empty()) {
    const auto sizes = to_hsize(chunk);
    check(H5Pset_chunk(creation.id(), static_cast<int>(sizes.size()), sizes.data()),
          "H5Pset_chunk");
    if (layout.kind != Kind::text) {
      check(H5Pset_shuffle(creation.id()), "H5Pset_shuffle");
      check(H5Pset_deflate(creation.id(), 4), "H5Pset_deflate");
    }
  }
  if (layout.nan_fill) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    check(H5Pset_fill_value(creation.id(), H5T_NATIVE_DOUBLE, &nan), "H5Pset_fill_value");
  }
  const Handle type = type_in_file(layout.kind);
  const Handle space = space_of(layout.sizes);
  return Handle{check(H5Dcreate2(place.id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT,
                                 creation.id(), H5P_DEFAULT),
                      "H5Dcreate2")};
}

Handle open_dataset(const Handle& place, const std::string& name) {
  return Handle{check(H5Dopen2(place.id(), name.c_str(), H5P_DEFAULT), "H5Dopen2")};
}

Kind kind_of(const Handle& dataset) {
  const Handle type{check(H5Dget_type(dataset.id()), "H5Dget_type")};
  if (H5Tis_variable_str(type.id()) > 0) return Kind::text;
  for (const Kind kind : {Kind::int8, Kind::int32, Kind::int64, Kind::float32, Kind::float64}) {
    if (H5Tequal(type.id(), stored_type(kind)) > 0) return kind;
  }
  throw Failure("H5Dget_type", "a type that attnlab never writes");
}

std::vector<Index> sizes_of(const Handle& dataset) {
  const Handle space{check(H5Dget_space(dataset.id()), "H5Dget_space")};
  const int n = check(H5Sget_simple_extent_ndims(space.id()), "H5Sget_simple_extent_ndims");
  std::vector<hsize_t> sizes(static_cast<std::size_t>(n));
  if (n > 0) {
    check(H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr),
          "H5Sget_simple_extent_dims");
  }
  return {sizes.begin(), sizes.end()};
}

void write_rows(const Handle& dataset, Kind kind, Index first, Index n, const void* values) {
  if (n == 0) return;
  const Selection at = select(dataset, first, n);
  check(
      H5Dwrite(dataset.id(), memory_type(kind), at.memory.id(), at.file.id(), H5P_DEFAULT, values),
      "H5Dwrite");
}

void read_rows(const Handle& dataset, Kind kind, Index first, Index n, void* values) {
  if (n == 0) return;
  const Selection at = select(dataset, first, n);
  check(H5Dread(dataset.id(), memory_type(kind), at.memory.id(), at.file.id(), H5P_DEFAULT, values),
        "H5Dread");
}

void write_text(const Handle& dataset, Index first, std::span<const std::string> texts) {
  if (texts.empty()) return;
  const Selection at = select(dataset, first, static_cast<Index>(texts.size()));
  const Handle type = text_type();
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  check(
      H5Dwrite(dataset.id(), type.id(), at.memory.id(), at.file.id(), H5P_DEFAULT, pointers.data()),
      "H5Dwrite");
}

std::vector<std::string> read_text(const Handle& dataset, Index first, Index n) {
  if (n == 0) return {};
  const Selection at = select(dataset, first, n);
  const Handle type = text_type();
  std::vector<char*> pointers(static_cast<std::size_t>(n), nullptr);
  check(
      H5Dread(dataset.id(), type.id(), at.memory.id(), at.file.id(), H5P_DEFAULT, pointers.data()),
      "H5Dread");
  std::vector<std::string> texts;
  for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
  check(H5Dvlen_reclaim(type.id(), at.memory.id(), H5P_DEFAULT, pointers.data()),
        "H5Dvlen_reclaim");
  return texts;
}

void make_scale(const Handle& dataset, const std::string& axis) {
  check(H5DSset_scale(dataset.id(), axis.c_str()), "H5DSset_scale");
}

void attach_scale(const Handle& dataset, Index axis, const Handle& scale) {
  check(H5DSattach_scale(dataset.id(), scale.id(), static_cast<unsigned>(axis)),
        "H5DSattach_scale");
}

}  // namespace attnlab::h5

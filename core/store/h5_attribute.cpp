// h5_attribute.cpp: attributes, numbers and UTF-8 text of variable length only.
#include <hdf5.h>

#include <limits>

#include "store/h5.hpp"
#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

Handle create(const Handle& object, const std::string& name, hid_t type, const Handle& space) {
  return Handle{
      check(H5Acreate2(object.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
            "H5Acreate2")};
}

Handle line_of(hsize_t n) {
  return Handle{check(H5Screate_simple(1, &n, nullptr), "H5Screate_simple")};
}

herr_t keep_name(hid_t, const char* name, const H5A_info_t*, void* out) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;
}

}  // namespace

void set(const Handle& object, const std::string& name, const std::string& text) {
  const Handle type = text_type();
  const Handle space{check(H5Screate(H5S_SCALAR), "H5Screate")};
  const Handle attribute = create(object, name, type.id(), space);
  const char* pointer = text.c_str();
  check(H5Awrite(attribute.id(), type.id(), &pointer), "H5Awrite");
}

void set(const Handle& object, const std::string& name, std::int64_t number) {
  const Handle space{check(H5Screate(H5S_SCALAR), "H5Screate")};
  const Handle attribute = create(object, name, H5T_STD_I64LE, space);
  check(H5Awrite(attribute.id(), H5T_NATIVE_INT64, &number), "H5Awrite");
}

void set(const Handle& object, const std::string& name, std::span<const std::int8_t> numbers) {
  const Handle attribute = create(object, name, H5T_STD_I8LE, line_of(numbers.size()));
  check(H5Awrite(attribute.id(), H5T_NATIVE_INT8, numbers.data()), "H5Awrite");
}

void set_nan(const Handle& object, const std::string& name, Kind kind) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Handle attribute = create(object, name, stored_type(kind), line_of(1));
  check(H5Awrite(attribute.id(), H5T_NATIVE_DOUBLE, &nan), "H5Awrite");
}

std::vector<std::string> attributes(const Handle& object) {
  std::vector<std::string> names;
  hsize_t at = 0;
  check(H5Aiterate2(object.id(), H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, keep_name, &names),
        "H5Aiterate2");
  return names;
}

std::string text_attribute(const Handle& object, const std::string& name) {
  if (check(H5Aexists(object.id(), name.c_str()), "H5Aexists") == 0) return "";
  const Handle attribute{check(H5Aopen(object.id(), name.c_str(), H5P_DEFAULT), "H5Aopen")};
  const Handle stored{check(H5Aget_type(attribute.id()), "H5Aget_type")};
  if (H5Tis_variable_str(stored.id()) <= 0) return "";
  const Handle type = text_type();
  char* pointer = nullptr;
  check(H5Aread(attribute.id(), type.id(), &pointer), "H5Aread");
  const std::string text = pointer == nullptr ? "" : pointer;
  H5free_memory(pointer);
  return text;
}

std::string bytes_of_attribute(const Handle& object, const std::string& name) {
  const Handle attribute{check(H5Aopen(object.id(), name.c_str(), H5P_DEFAULT), "H5Aopen")};
  const Handle type{check(H5Aget_type(attribute.id()), "H5Aget_type")};
  if (H5Tis_variable_str(type.id()) > 0) return text_attribute(object, name);
  const Handle space{check(H5Aget_space(attribute.id()), "H5Aget_space")};
  const auto n = static_cast<std::size_t>(
      check(H5Sget_simple_extent_npoints(space.id()), "H5Sget_simple_extent_npoints"));
  std::string bytes(n * H5Tget_size(type.id()), '\0');
  check(H5Aread(attribute.id(), type.id(), bytes.data()), "H5Aread");
  return bytes;
}

}  // namespace attnlab::h5

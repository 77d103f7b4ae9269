// h5_file.cpp: HDF5 errors as words, ids, files and groups.
#include <hdf5.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "store/h5.hpp"
#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

static_assert(sizeof(hid_t) == sizeof(Id));

// H5E_WALK_UPWARD begins at the innermost call, which knows the reason.
herr_t keep_first(unsigned n, const H5E_error2_t* error, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (n == 0 && error->desc != nullptr) text = error->desc;
  return 0;
}

Handle access() {
  Handle list{check(H5Pcreate(H5P_FILE_ACCESS), "H5Pcreate")};
  check(H5Pset_libver_bounds(list.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), "H5Pset_libver_bounds");
  // One writer a file and no file is written twice: locks protect nothing here, and fail on some
  // parallel file systems.
  check(H5Pset_file_locking(list.id(), false, true), "H5Pset_file_locking");
  check(H5Pset_fclose_degree(list.id(), H5F_CLOSE_STRONG), "H5Pset_fclose_degree");
  return list;
}

template <class List>
List ordered(List list) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  check(H5Pset_link_creation_order(list.id(), order), "H5Pset_link_creation_order");
  check(H5Pset_attr_creation_order(list.id(), order), "H5Pset_attr_creation_order");
  check(H5Pset_obj_track_times(list.id(), false), "H5Pset_obj_track_times");
  return list;
}

herr_t keep_name(hid_t, const char* name, const H5L_info_t*, void* out) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;
}

}  // namespace

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    H5dont_atexit();  // a file that could not be closed on a full disk must not be tried again at
                      // exit
    H5open();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  });
}

void fail(const char* call) {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &reason);
  H5Eclear2(H5E_DEFAULT);
  throw Failure(call, reason.empty() ? "no reason given" : reason);
}

Error error_of(const std::filesystem::path& file, const std::string& deed, const Failure& failure) {
  const std::string what = failure.what();
  const auto says = [&](int number, const char* words) {
    return what.find("errno = " + std::to_string(number)) != std::string::npos ||
           what.find(words) != std::string::npos;
  };
  std::string hint = "HDF5 says: " + what;
  if (says(28, "No space left"))
    hint = "the disk is full; make room and run the same command again";
  if (says(122, "quota exceeded"))
    hint = "the disk quota is used up; make room and run the same command again";
  if (says(27, "File too large"))
    hint =
        "it would pass the file-size limit (`ulimit -f`); raise it and run the same command again";
  return Error{file.string(), deed, hint, Blame::machine};
}

Handle::~Handle() {
  if (id_ < 0) return;
  H5Idec_ref(id_);
  H5Eclear2(H5E_DEFAULT);
}

Handle group_creation() { return ordered(Handle{check(H5Pcreate(H5P_GROUP_CREATE), "H5Pcreate")}); }

Handle create_file(const std::filesystem::path& file) {
  prepare();
  const Handle creation = ordered(Handle{check(H5Pcreate(H5P_FILE_CREATE), "H5Pcreate")});
  const Handle how = access();
  return Handle{
      check(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.id(), how.id()), "H5Fcreate")};
}

namespace {

// HDF5 asks these for memory. The last free, at close, hands the buffer to the Image:
// H5Fget_file_image gives a file whose superblock does not match its checksum (seen with 1.10.8 and
// the 1.8 format).
void* give(std::size_t bytes, H5FD_file_image_op_t, void*) { return std::malloc(bytes); }
void* copy(void* to, const void* from, std::size_t bytes, H5FD_file_image_op_t, void*) {
  return std::memcpy(to, from, bytes);
}
void* grow(void* buffer, std::size_t bytes, H5FD_file_image_op_t, void*) {
  return std::realloc(buffer, bytes);
}
herr_t keep(void* buffer, H5FD_file_image_op_t op, void* kept) {
  if (op == H5FD_FILE_IMAGE_OP_FILE_CLOSE) {
    *static_cast<void**>(kept) = buffer;
  } else {
    std::free(buffer);
  }
  return 0;
}
void* same(void* kept) { return kept; }
herr_t nothing(void*) { return 0; }

}  // namespace

Image::Image() {
  prepare();
  const Handle creation = ordered(Handle{check(H5Pcreate(H5P_FILE_CREATE), "H5Pcreate")});
  const Handle how = access();
  check(H5Pset_fapl_core(how.id(), 1u << 20, false), "H5Pset_fapl_core");
  H5FD_file_image_callbacks_t callbacks{give, copy, grow, keep, same, nothing, &kept_};
  check(H5Pset_file_image_callbacks(how.id(), &callbacks), "H5Pset_file_image_callbacks");
  file_ = Handle{check(H5Fcreate("image", H5F_ACC_TRUNC, creation.id(), how.id()), "H5Fcreate")};
}

Image::~Image() {
  file_ = Handle();
  std::free(kept_);
}

std::string Image::close() {
  check(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL), "H5Fflush");
  hsize_t size = 0;
  check(H5Fget_filesize(file_.id(), &size), "H5Fget_filesize");
  close_file(std::move(file_));
  if (kept_ == nullptr) throw Failure("H5Fclose", "the file is still open");
  return {static_cast<const char*>(kept_), static_cast<std::size_t>(size)};
}

Handle open_file(const std::filesystem::path& file) {
  prepare();
  const Handle how = access();
  return Handle{check(H5Fopen(file.c_str(), H5F_ACC_RDONLY, how.id()), "H5Fopen")};
}

void close_file(Handle file) { check(H5Fclose(file.release()), "H5Fclose"); }

Handle create_group(const Handle& place, const std::string& name) {
  const Handle creation = group_creation();
  return Handle{check(H5Gcreate2(place.id(), name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                      "H5Gcreate2")};
}

Handle open_group(const Handle& place, const std::string& path) {
  return Handle{check(H5Gopen2(place.id(), path.c_str(), H5P_DEFAULT), "H5Gopen2")};
}

bool has(const Handle& place, const std::string& name) {
  return check(H5Lexists(place.id(), name.c_str(), H5P_DEFAULT), "H5Lexists") > 0;
}

std::vector<std::string> children(const Handle& group) {
  std::vector<std::string> names;
  hsize_t at = 0;
  check(H5Literate(group.id(), H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, keep_name, &names),
        "H5Literate");
  return names;
}

bool is_group(const Handle& place, const std::string& name) {
  const Handle object{check(H5Oopen(place.id(), name.c_str(), H5P_DEFAULT), "H5Oopen")};
  return H5Iget_type(object.id()) == H5I_GROUP;
}

}  // namespace attnlab::h5

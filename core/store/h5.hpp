// h5.hpp: the few HDF5 calls this project needs, each checked once. An id is closed by its owner; a
// failed call throws Failure.
//
// Failure never leaves the room: every function of store.hpp catches it and answers with an Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/index.hpp"
#include "base/result.hpp"

namespace attnlab::h5 {

// A call that failed: its name, and what HDF5's own error stack says, innermost first.
class Failure : public std::runtime_error {
 public:
  Failure(const std::string& call, const std::string& reason)
      : std::runtime_error(call + ": " + reason) {}
};

// "FILE: what HDF5 said", with the remedy if the disk is full.
Error error_of(const std::filesystem::path& file, const std::string& deed, const Failure& failure);

using Id = std::int64_t;  // hid_t

class Handle {  // owns one id of any kind
 public:
  Handle() = default;
  explicit Handle(Id id) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle();
  Id id() const { return id_; }
  Id release() { return std::exchange(id_, -1); }

 private:
  Id id_ = -1;
};

enum class Kind { int8, int32, int64, float32, float64, text };
std::size_t size_of(Kind kind);  // bytes of one number; not for text

// Files. Object times off, creation order tracked, version 1.8 of the format, whatever the
// library's defaults are.
Handle create_file(const std::filesystem::path& file);
// A file in memory: a full disk cannot stop HDF5 half-way.
class Image {
 public:
  Image();
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  const Handle& file() const { return file_; }
  std::string close();  // the bytes of the closed file; every other handle of it is gone by then

 private:
  Handle file_;
  void* kept_ = nullptr;  // HDF5's buffer, ours once it closes the file
};
Handle open_file(const std::filesystem::path& file);  // to read; takes no lock
void close_file(Handle file);  // everything is handed to the operating system, or Failure

// Groups.
Handle create_group(const Handle& place, const std::string& name);
Handle open_group(const Handle& place, const std::string& path);
bool has(const Handle& place, const std::string& name);
std::vector<std::string> children(const Handle& group);  // in the order they were made
bool is_group(const Handle& place, const std::string& name);

// Datasets. A size of zero is stored as an extendible axis of length zero, which every reader
// opens.
struct Layout {
  Kind kind = Kind::float64;
  std::vector<Index> sizes;  // empty: one value
  std::vector<Index> chunk;  // empty: contiguous; else gzip 4 with shuffle
  bool nan_fill = false;
};
Handle create_dataset(const Handle& place, const std::string& name, const Layout& layout);
Handle open_dataset(const Handle& place, const std::string& name);
Kind kind_of(const Handle& dataset);
std::vector<Index> sizes_of(const Handle& dataset);
// Rows first .. first + n - 1 along the first axis; for one value first 0, n 1.
void write_rows(const Handle& dataset, Kind kind, Index first, Index n, const void* values);
// The same, the chunks packed and unpacked side by side (write_packed, read_packed); for numbers in
// plenty.
void write_packed(const Handle& dataset, Kind kind, Index first, Index n, const void* values);
void read_rows(const Handle& dataset, Kind kind, Index first, Index n, void* values);
void read_packed(const Handle& dataset, Kind kind, Index first, Index n, void* values);
void write_text(const Handle& dataset, Index first, std::span<const std::string> texts);
std::vector<std::string> read_text(const Handle& dataset, Index first, Index n);

// Attributes: numbers and UTF-8 text of variable length.
void set(const Handle& object, const std::string& name, const std::string& text);
void set(const Handle& object, const std::string& name, std::int64_t number);
void set(const Handle& object, const std::string& name, std::span<const std::int8_t> numbers);
void set_nan(const Handle& object, const std::string& name, Kind kind);  // _FillValue
std::vector<std::string> attributes(const Handle& object);  // names, in the order they were made
std::string text_attribute(const Handle& object, const std::string& name);  // "" if there is none
std::string bytes_of_attribute(const Handle& object, const std::string& name);  // for digests

// Dimension scales.
void make_scale(const Handle& dataset, const std::string& axis);
void attach_scale(const Handle& dataset, Index axis, const Handle& scale);

}  // namespace attnlab::h5

// cache_file.hpp: a pack as one file, which the processes of a machine map into their memory.
//
//   header (64 bytes)   magic, byte order, version, sizes, checksums
//   key                 what the pack was made of, as text
//   directory           for each part: name, width, place, size (64 bytes)
//   parts               each begins at a multiple of 64 bytes
//
// A file is written beside its place and renamed: it is there whole, or not at all.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "pack.hpp"

namespace reading {

struct Opened {
  std::shared_ptr<const Pack> pack;  // null: nothing that can be used
  std::string fault;                 // why, unless there is no file: "is damaged", "..."
};

// The pack in `file`, if it was made of `key`. Its pages are shared by all processes that open the
// file; on a network file system, where a file that another machine removes takes its pages along,
// they are a copy.
Opened open_cache_file(const std::filesystem::path& file, const std::string& key);

// Writes `pack`; readable by its owner only. Answers "", or why it failed ("No space left on
// device"); then there is no file.
std::string write_cache_file(const std::filesystem::path& file, const std::string& key,
                             const Pack& pack);

// Held from construction to destruction by one process at a time; given back by the system if that
// process dies.
class FileLock {
 public:
  enum class State {
    held,
    late,       // another process held it for all of `most_seconds`
    impossible  // the file cannot be made, or the file system knows no locks
  };
  FileLock(const std::filesystem::path& file, double most_seconds);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }  // why impossible

 private:
  int descriptor_ = -1;
  State state_ = State::impossible;
  std::string reason_;
};

}  // namespace reading

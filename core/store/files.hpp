// files.hpp: files that are safe before they are called finished: temporary name, fsync, rename,
// fsync of the folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace attnlab {

// "FILE: DEED: reason", with the remedy when the disk is full or a limit was met. `code` is an
// errno.
Error file_error(const std::filesystem::path& file, const std::string& deed, int code);

// The name under which `file` is written before it is finished; begins with a dot and ends with
// ".tmp".
std::filesystem::path temporary_of(const std::filesystem::path& file);
bool is_temporary(const std::filesystem::path& file);

// `file` holds `bytes` after this, or what it held before.
Result<Done> write_safely(const std::filesystem::path& file, std::string_view bytes);
// The finished `temporary` becomes `file`: fsync, rename, fsync of the folder. On failure the
// temporary is removed.
Result<Done> rename_safely(const std::filesystem::path& temporary,
                           const std::filesystem::path& file);

Result<std::string> read_file(const std::filesystem::path& file);
std::string host_name();
std::string utc_text(double unix_seconds);  // 2026-01-31T12:00:00Z
double unix_now();
std::string clean_utf8(const std::string& text);  // invalid bytes become U+FFFD, NUL a blank

class Descriptor {  // owns an open file
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int number() const { return number_; }
  bool close();  // false: the last bytes could not be kept; errno says why

 private:
  int number_;
};

bool sync_folder(const std::filesystem::path& folder);
bool write_all(int descriptor, std::string_view bytes);  // false: errno says why
bool sync(int descriptor);                               // fsync, through interruptions

}  // namespace attnlab

// file.cpp: whole files as bytes. The only file of these plugins with zlib.
#include "file.hpp"

#include <zlib.h>

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

namespace reading {
namespace {

using attnlab::Failure;

std::string plain_content(const fs::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rb"),
                                                               std::fclose);
  if (!stream) throw Failure(file.string() + " cannot be opened: " + std::strerror(errno));
  std::error_code unknown;
  const auto expected = fs::file_size(file, unknown);
  std::string bytes;
  if (!unknown) bytes.reserve(expected);
  std::array<char, 65536> block;
  std::size_t n = 0;
  while ((n = std::fread(block.data(), 1, block.size(), stream.get())) > 0) {
    bytes.append(block.data(), n);
  }
  if (std::ferror(stream.get()) != 0) {
    throw Failure(file.string() + " cannot be read: " + std::strerror(errno));
  }
  return bytes;
}

std::string unpacked_content(const fs::path& file) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), gzclose);
  if (!stream) throw Failure(file.string() + " cannot be opened: " + std::strerror(errno));
  gzbuffer(stream.get(), 1u << 18);
  if (gzdirect(stream.get()) == 1) {
    throw Failure(file.string() + " is not gzip, whatever its name says");
  }
  std::string bytes;
  std::vector<char> block(1u << 18);
  int n = 0;
  while ((n = gzread(stream.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    bytes.append(block.data(), static_cast<std::size_t>(n));
  }
  int error = Z_OK;
  const char* what = gzerror(stream.get(), &error);
  if (error == Z_BUF_ERROR) {
    throw Failure(file.string() + " is cut off: the gzip data end after " +
                  std::to_string(bytes.size()) + " bytes of text; fetch the file again");
  }
  if (error != Z_OK && error != Z_STREAM_END) {
    throw Failure(file.string() + " is damaged: " + what + "; fetch the file again");
  }
  return bytes;
}

// The number that a name begins with, or -1.
long long leading_number(const std::string& name) {
  long long value = -1;
  if (name.empty() || name.front() < '0' || name.front() > '9') return -1;
  std::from_chars(name.data(), name.data() + name.size(), value);
  return value;
}

bool comes_before(const fs::path& a, const fs::path& b) {
  const std::string x = a.filename().string(), y = b.filename().string();
  const long long m = leading_number(x), n = leading_number(y);
  return m != n ? m < n : x < y;
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::string content_of(const fs::path& file) {
  return file.extension() == ".gz" ? unpacked_content(file) : plain_content(file);
}

std::string plain_name(const fs::path& file) {
  return (file.extension() == ".gz" ? file.stem() : file.filename()).string();
}

Listing listing(const fs::path& folder) {
  std::error_code error;
  Listing out;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(".")) continue;
    if (entry->is_directory(error)) {
      out.folders.push_back(entry->path());
    } else if (entry->is_regular_file(error)) {
      out.files.push_back(entry->path());
    }
    error.clear();
  }
  if (error) throw Failure(folder.string() + " cannot be listed: " + error.message());
  std::sort(out.folders.begin(), out.folders.end(), comes_before);
  std::sort(out.files.begin(), out.files.end(), comes_before);
  return out;
}

}  // namespace reading

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
  std::error_code no_matter;
  if (is_folder(file) || (is_there(file) && !fs::is_regular_file(file, no_matter))) {
    throw Failure(file.string() + " is no regular file");
  }
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

// One inflate stream over all members of a gzip file; closes itself.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw Failure("zlib cannot start");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

// All members one after the other. zlib's own gzread leaves out in silence what follows the first
// member and is no gzip; only zeros, with which tapes are filled up, may stand there.
std::string unpacked(const fs::path& file, const std::string& packed) {
  const auto damaged = [&](const std::string& what) {
    return Failure(file.string() + " is damaged: " + what + "; fetch the file again");
  };
  Inflater inflater;
  z_stream& stream = inflater.stream();
  std::string out;
  std::vector<char> block(1u << 18);
  constexpr std::size_t most = 1u << 30;  // avail_in has 32 bits
  int state = Z_OK;
  for (std::size_t at = 0; at < packed.size();) {
    if (state == Z_STREAM_END) {
      if (packed.find_first_not_of('\0', at) == std::string::npos) return out;
      if (!is_gzip(std::string_view(packed).substr(at))) {
        throw damaged("after " + std::to_string(at) + " bytes follow " +
                      std::to_string(packed.size() - at) + " that are no gzip data");
      }
      inflateReset(&stream);
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + at));
    stream.avail_in = static_cast<uInt>(std::min(packed.size() - at, most));
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const std::size_t before = stream.avail_in;
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
      throw damaged(stream.msg != nullptr ? stream.msg : "zlib's error " + std::to_string(state));
    }
    at += before - stream.avail_in;
    out.append(block.data(), block.size() - stream.avail_out);
  }
  // What is left may wait inside zlib, without a byte of the file.
  while (state != Z_STREAM_END) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(block.data(), block.size() - stream.avail_out);
    if (state != Z_OK && state != Z_STREAM_END) {
      throw Failure(file.string() + " is cut off: the gzip data end after " +
                    std::to_string(out.size()) + " bytes of text; fetch the file again");
    }
  }
  return out;
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

fs::path found(const fs::path& path) {
  if (!path.has_filename() || is_there(path)) return path;
  fs::path packed = path;
  packed += ".gz";
  return is_there(packed) ? packed : path;
}

std::string content_of(const fs::path& file) {
  std::string bytes = plain_content(file);
  if (is_gzip(bytes)) return unpacked(file, bytes);
  if (file.extension() != ".gz") return bytes;
  throw Failure(file.string() + " is not gzip, whatever its name says");
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
    std::error_code unknown;
    if (entry->is_directory(unknown)) {
      out.folders.push_back(entry->path());
    } else if (entry->is_regular_file(unknown)) {
      out.files.push_back(entry->path());
    } else {
      throw Failure(entry->path().string() +
                    (unknown ? " cannot be followed: " + unknown.message()
                             : " is neither a file nor a folder; move it away"));
    }
  }
  if (error) throw Failure(folder.string() + " cannot be listed: " + error.message());
  std::sort(out.folders.begin(), out.folders.end(), comes_before);
  std::sort(out.files.begin(), out.files.end(), comes_before);
  return out;
}

}  // namespace reading

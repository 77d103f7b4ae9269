// files.cpp: POSIX files, with errno turned into sentences.
#include "store/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace attnlab {
namespace fs = std::filesystem;

Error file_error(const fs::path& file, const std::string& deed, int code) {
  std::string hint = std::strerror(code);
  if (code == ENOSPC) hint = "the disk is full; make room and run the same command again";
  if (code == EDQUOT) hint = "the disk quota is used up; make room and run the same command again";
  if (code == EFBIG) {
    hint =
        "it would pass the file-size limit (`ulimit -f`); raise it and run the same command again";
  }
  if (code == EROFS || code == EACCES || code == EPERM)
    hint += "; choose a folder you may write to";
  return Error{file.string(), deed, hint, Blame::machine};
}

fs::path temporary_of(const fs::path& file) {
  return file.parent_path() / ("." + file.filename().string() + ".tmp");
}

bool is_temporary(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with(".") && name.ends_with(".tmp");
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

bool Descriptor::close() {
  const int number = number_;
  number_ = -1;
  return number < 0 || ::close(number) == 0;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n =
        ::write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool sync(int descriptor) {
  while (::fsync(descriptor) != 0) {
    if (errno == EINVAL || errno == EROFS) return true;  // not a kind of file that can be synced
    if (errno != EINTR) return false;
  }
  return true;
}

namespace {
bool sync_path(const fs::path& path, int flags) {
  Descriptor opened{::open(path.c_str(), flags | O_CLOEXEC)};
  return opened.number() >= 0 && sync(opened.number()) && opened.close();
}
}  // namespace

bool sync_folder(const fs::path& folder) {
  return sync_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

Result<Done> rename_safely(const fs::path& temporary, const fs::path& file) {
  const auto give_up = [&](const std::string& deed) {
    const Error error = file_error(file, deed, errno);
    ::unlink(temporary.c_str());
    return error;
  };
  if (!sync_path(temporary, O_RDONLY)) return give_up("cannot be written to the disk");
  if (::rename(temporary.c_str(), file.c_str()) != 0) return give_up("cannot be given its name");
  if (!sync_folder(file.parent_path())) {
    return file_error(file, "its folder cannot be written to the disk", errno);
  }
  return Done{};
}

Result<Done> write_safely(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_of(file);
  Descriptor out{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (out.number() < 0) return file_error(file, "cannot be made", errno);
  if (!write_all(out.number(), bytes) || !sync(out.number()) || !out.close()) {
    const Error error = file_error(file, "cannot be written", errno);
    ::unlink(temporary.c_str());
    return error;
  }
  return rename_safely(temporary, file);
}

Result<std::string> read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return file_error(file, "cannot be read", errno);
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return file_error(file, "cannot be read", errno);
  return std::move(text).str();
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_text(double unix_seconds) {
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string clean_utf8(const std::string& text) {
  const auto replace = nlohmann::json::error_handler_t::replace;
  auto clean =
      nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, replace)).get<std::string>();
  for (char& c : clean) {
    if (c == '\0') c = ' ';
  }
  return clean;
}

}  // namespace attnlab

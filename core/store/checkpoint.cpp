// checkpoint.cpp: two lines of text that say what follows, and the bytes.
#include "store/checkpoint.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "store/files.hpp"
#include "store/whole_number.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view format = "attnlab checkpoint 1 ";
constexpr std::string_view any_format = "attnlab checkpoint ";
constexpr std::string_view ending = ".ckpt";

fs::path folder_of(const fs::path& dir) { return dir / "checkpoints"; }

// The text up to the next line break, which is taken away; none: there is no line break.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

CheckpointFile::CheckpointFile(const fs::path& dir, TrialId id, std::string build)
    : path_(folder_of(dir) / (to_string(id) + std::string(ending))),
      id_(to_string(id)),
      build_(std::move(build)) {}

Result<std::optional<Checkpoint>> CheckpointFile::load() const try {
  if (::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) return std::optional<Checkpoint>();
  const auto refused = [&](const std::string& what) {
    return Error{path_.string(), what, "the trial starts over"};
  };
  const auto text = read_file(path_);
  if (!text) return refused("cannot be read");
  std::string_view rest = *text;
  const auto first = take_line(rest), second = take_line(rest);
  if (!first || !second) return refused("is damaged: it ends too early");
  if (!first->starts_with(format)) {
    return refused(first->starts_with(any_format)
                       ? "is a checkpoint of another format"
                       : "is damaged: it does not begin as a checkpoint");
  }
  if (first->substr(format.size()) != hex(sha256(*second))) {
    return refused("is damaged: its header has another checksum");
  }
  const auto header = nlohmann::json::parse(*second, nullptr, false);
  if (!header.is_object()) return refused("is damaged: its header cannot be read");
  if (header.value("trial", "") != id_) {
    return refused("is a checkpoint of the trial '" + header.value("trial", "") + "'");
  }
  if (static_cast<std::int64_t>(rest.size()) != whole_number(header.at("size")) ||
      hex(sha256(rest)) != header.value("sha256", "")) {
    return refused("is damaged: its content has another size or checksum");
  }
  if (header.value("build", "") != build_) {
    return refused("was written by another build of attnlab or of a plugin, whose bits may differ");
  }
  return std::optional(Checkpoint{whole_number(header.at("step")),
                                  whole_number(header.at("attempts")), std::string(rest)});
} catch (const nlohmann::json::exception&) {
  return Error{path_.string(), "is damaged: its header lacks a field or has one of another type",
               "the trial starts over"};
}

Result<Done> CheckpointFile::save(std::int64_t step, std::int64_t attempts,
                                  std::string_view bytes) const {
  const nlohmann::json header = {{"trial", id_},         {"build", build_},
                                 {"attempts", attempts}, {"step", step},
                                 {"size", bytes.size()}, {"sha256", hex(sha256(bytes))}};
  const std::string line = header.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  const std::string lines = std::string(format) + hex(sha256(line)) + "\n" + line + "\n";
  const fs::path temporary = temporary_of(path_);
  Descriptor out{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (out.number() < 0) return file_error(path_, "cannot be made", errno);
  if (!write_all(out.number(), lines) || !write_all(out.number(), bytes) || !out.close()) {
    const Error error = file_error(path_, "cannot be written", errno);
    ::unlink(temporary.c_str());
    return error;
  }
  return rename_safely(temporary, path_);
}

std::vector<TrialId> half_way_trials(const fs::path& dir) {
  std::vector<TrialId> found;
  std::error_code wrong;
  fs::directory_iterator entry(folder_of(dir), wrong);
  for (; !wrong && entry != fs::directory_iterator(); entry.increment(wrong)) {
    const fs::path& file = entry->path();
    if (file.extension() != ending || is_temporary(file)) continue;
    const std::string name = file.stem().string();
    TrialId id;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), id.hash, 16);
    if (read.ec == std::errc() && to_string(id) == name) found.push_back(id);
  }
  return found;
}

// One look into the folder, which holds few files, instead of one attempt a trial.
void remove_checkpoints(const fs::path& dir, std::span<const TrialId> finished) {
  if (finished.empty()) return;
  std::vector<TrialId> kept = half_way_trials(dir);
  std::ranges::sort(kept);
  for (const TrialId id : finished) {
    if (!std::ranges::binary_search(kept, id)) continue;
    std::error_code wrong;
    fs::remove(folder_of(dir) / (to_string(id) + std::string(ending)), wrong);
  }
}

}  // namespace attnlab

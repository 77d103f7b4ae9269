// crash_marks.cpp: lines that a dying process could write, and what they add up to.
#include "store/crash_marks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <sstream>
#include <vector>

#include "store/files.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;

struct Mark {
  TrialId id;
  bool certain = false;
  std::int64_t step = -1;
  std::string how;
};

std::optional<Mark> mark_from(const std::string& line) {
  std::istringstream in(line);
  std::string id, kind;
  Mark mark;
  if (!(in >> id >> kind >> mark.step >> std::ws) || !std::getline(in, mark.how)) return {};
  const auto read = std::from_chars(id.data(), id.data() + id.size(), mark.id.hash, 16);
  if (read.ec != std::errc() || to_string(mark.id) != id) return {};
  mark.certain = kind == "certain";
  if (!mark.certain && kind != "near") return {};
  return mark;
}

std::vector<fs::path> mark_files(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code wrong;
  fs::directory_iterator entry(dir / "log", wrong);
  for (; !wrong && entry != fs::directory_iterator(); entry.increment(wrong)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("crashes-") && name.ends_with(".txt")) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

fs::path crash_marks_file(const fs::path& dir, int rank) {
  return dir / "log" /
         ("crashes-r" + std::to_string(rank) + "-" + host_name() + "-" +
          std::to_string(::getpid()) + "-" +
          std::to_string(static_cast<std::int64_t>(unix_now() * 1e3)) + ".txt");
}

std::string crash_mark(TrialId id, std::int64_t step, std::string_view how) {
  return to_string(id) + " certain " + std::to_string(step) + " " + std::string(how) + "\n";
}

Result<Done> add_crash_mark(const fs::path& file, const std::string& line) {
  const Descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
  if (out.number() >= 0 && write_all(out.number(), line) && sync(out.number())) return Done{};
  return file_error(file, "a crash cannot be noted here", errno);
}

std::string crash_marks_text(const fs::path& dir) {
  std::string text;
  for (const fs::path& file : mark_files(dir)) {
    const auto lines = read_file(file);
    if (lines) text += *lines + "\n";
  }
  return text;
}

std::map<TrialId, PastCrashes> crashes_from(const std::string& text) {
  std::map<TrialId, PastCrashes> crashes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto mark = mark_from(line);
    if (!mark) continue;
    PastCrashes& past = crashes[mark->id];
    if (!mark->certain) {
      ++past.near;
      continue;
    }
    ++past.certain;
    past.step = mark->step;
    past.how = mark->how;
  }
  return crashes;
}

std::map<TrialId, PastCrashes> crashes_of(const fs::path& dir) {
  return crashes_from(crash_marks_text(dir));
}

void remove_crash_marks(const fs::path& dir, std::span<const TrialId> finished) {
  std::vector<TrialId> known(finished.begin(), finished.end());
  std::ranges::sort(known);
  for (const fs::path& file : mark_files(dir)) {
    const auto text = read_file(file);
    if (!text) continue;
    const auto crashes = crashes_from(*text);
    std::error_code wrong;
    const bool over = std::ranges::all_of(
        crashes, [&](const auto& one) { return std::ranges::binary_search(known, one.first); });
    if (over) fs::remove(file, wrong);
  }
}

}  // namespace attnlab

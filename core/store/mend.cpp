// mend.cpp: journals first, then the segments that no journal names any more.
#include "store/mend.hpp"

#include <cerrno>
#include <map>
#include <set>
#include <tuple>

namespace attnlab {
namespace {
namespace fs = std::filesystem;

using Key = std::tuple<TrialId, std::string, std::int64_t, double>;

Key key_of(const JournalLine& line) {
  return {line.entry.id, line.entry.segment, line.entry.row, line.entry.finished_at};
}

// NAME.damaged-N, N the first free number.
fs::path aside_of(const fs::path& file) {
  fs::path aside;
  for (int n = 1; aside.empty() || fs::exists(fs::symlink_status(aside)); ++n) {
    aside = file.string() + ".damaged-" + std::to_string(n);
  }
  return aside;
}

class Mender {
 public:
  Mender(const fs::path& dir, const std::vector<JournalLine>& good) : dir_(dir) {
    for (const JournalLine& line : good) unseen_.insert(key_of(line));
  }

  Result<Done> journal(const fs::path& file) {
    const auto text = read_file(file);
    if (!text) return text.errors();
    std::string kept, taken;
    for (const std::string_view line : complete_lines(*text)) {
      if (!line.empty()) (stays(line) ? kept : taken).append(line).append("\n");
    }
    if (taken.empty()) return Done{};
    if (auto noted = write_safely(aside_of(file), taken); !noted) return noted;
    return write_safely(file, kept);
  }

  Result<Done> segments() const {
    for (const auto& [name, damage] : damage_) {
      const fs::path file = dir_ / "segments" / name;
      std::error_code wrong;
      if (!damage || !damage->is_certain || !fs::exists(file, wrong)) continue;
      fs::rename(file, file.string() + ".damaged", wrong);
      if (wrong) return file_error(file, "cannot be put aside", wrong.value());
    }
    return Done{};
  }

 private:
  bool stays(std::string_view text) {
    const auto line = unframe(text);
    if (!line) return false;
    if (unseen_.erase(key_of(*line)) > 0) return true;
    const std::string& segment = line->entry.segment;
    auto known = damage_.find(segment);
    if (known == damage_.end()) known = damage_.emplace(segment, damage_of(dir_, *line)).first;
    return known->second && !known->second->is_certain;
  }

  const fs::path& dir_;
  std::set<Key> unseen_;  // lines that count, not met yet
  std::map<std::string, std::optional<SegmentDamage>> damage_;
};

}  // namespace

Result<Done> put_damage_aside(const fs::path& dir, const std::vector<JournalLine>& good) {
  const auto files = journal_files(dir);
  if (!files) return files.errors();
  Mender mender(dir, good);
  for (const fs::path& file : *files) {
    if (auto done = mender.journal(file); !done) return done;
  }
  return mender.segments();
}

}  // namespace attnlab

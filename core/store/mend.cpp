// mend.cpp: segments first: a journal still names them if the work is cut short, as segments that
// are gone.
#include "store/mend.hpp"

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
  Mender(const std::vector<JournalLine>& good, const SegmentDamages& damage) : damage_(damage) {
    for (const JournalLine& line : good) {
      unseen_.insert(key_of(line));
      finished_.insert(line.entry.id);
    }
  }

  Result<Done> segments(const fs::path& folder) const {
    for (const auto& [name, damage] : damage_) {
      const fs::path file = folder / name;
      std::error_code wrong;
      if (!damage.is_certain || !fs::exists(file, wrong)) continue;
      fs::rename(file, file.string() + ".damaged", wrong);
      if (wrong) return file_error(file, "cannot be put aside", wrong.value());
    }
    return Done{};
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

 private:
  bool stays(std::string_view text) {
    const auto line = unframe(text);
    if (!line) return false;
    if (unseen_.erase(key_of(*line)) > 0) return true;
    const auto damage = damage_.find(line->entry.segment);
    if (damage != damage_.end()) return !damage->second.is_certain;
    return !finished_.contains(line->entry.id);  // of no known trial: younger than the look
  }

  const SegmentDamages& damage_;
  std::set<Key> unseen_;  // lines that count, not met yet
  std::set<TrialId> finished_;
};

}  // namespace

Result<Done> put_damage_aside(const fs::path& dir, const std::vector<JournalLine>& good,
                              const SegmentDamages& damage) {
  const auto files = journal_files(dir);
  if (!files) return files.errors();
  Mender mender(good, damage);
  if (auto done = mender.segments(dir / "segments"); !done) return done;
  for (const fs::path& file : *files) {
    if (auto done = mender.journal(file); !done) return done;
  }
  return Done{};
}

}  // namespace attnlab

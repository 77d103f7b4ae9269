// journal.hpp: what is finished, one line a trial: CRC-32 in hex, a blank, one JSON object. Readers
// believe only this.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/files.hpp"
#include "store/store.hpp"

namespace attnlab {

struct JournalLine {
  JournalEntry entry;
  std::int64_t attempts = 1;
  std::int64_t segment_bytes = 0;  // of the whole segment file
  std::string segment_sha256;
};

std::string frame(const JournalLine& line);                 // with its newline
std::optional<JournalLine> unframe(std::string_view text);  // none: damaged

// One writer's file, append only.
class Journal {
 public:
  static Result<Journal> open(const std::filesystem::path& file);
  // All lines are on the disk after this, or none of them is in the file.
  Result<Done> append(const std::vector<JournalLine>& lines);

 private:
  std::filesystem::path file_;
  Descriptor out_;
};

// The writers' files, in the order of their names.
Result<std::vector<std::filesystem::path>> journal_files(const std::filesystem::path& dir);

// The lines of `text` that have their newline, without it.
std::vector<std::string_view> complete_lines(std::string_view text);

// Every line of every writer, in the order of the file names. A last line without a newline is
// still being written, or was torn by a kill: not a damage. Damaged lines are left out and named in
// `warnings`.
Result<std::vector<JournalLine>> read_lines(const std::filesystem::path& dir,
                                            std::vector<std::string>& warnings);

struct SegmentDamage {
  std::string what;        // "is missing", "is damaged: ..."
  bool is_certain = true;  // false: it cannot be read now, and may be sound
};

// What is wrong with the segment that `line` names; none: it is as it was written.
std::optional<SegmentDamage> damage_of(const std::filesystem::path& dir, const JournalLine& line);

// The lines that count: for each trial the last finished one whose segment is intact. Damage is
// named in `warnings`, each segment once with the number of its trials, and trials that several
// lines with intact segments name. `damage` gets the segments that are not intact.
using SegmentDamages = std::map<std::string, SegmentDamage>;  // by file name
std::vector<JournalLine> intact(const std::filesystem::path& dir,
                                const std::vector<JournalLine>& lines,
                                std::vector<std::string>& warnings,
                                SegmentDamages* damage = nullptr);

}  // namespace attnlab

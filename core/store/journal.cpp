// journal.cpp: frames, appends and reads journal lines, and checks the segments they name.
#include "store/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.hpp"
#include "store/whole_number.hpp"

namespace attnlab {
namespace fs = std::filesystem;

std::string frame(const JournalLine& line) {
  const JournalEntry& entry = line.entry;
  const nlohmann::json record = {{"trial", to_string(entry.id)},
                                 {"status", static_cast<int>(entry.status)},
                                 {"error", entry.error},
                                 {"segment", entry.segment},
                                 {"row", entry.row},
                                 {"wall_seconds", entry.wall_seconds},
                                 {"finished_at", entry.finished_at},
                                 {"attempts", line.attempts},
                                 {"bytes", line.segment_bytes},
                                 {"sha256", line.segment_sha256}};
  const std::string text = record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  char crc[10];
  std::snprintf(crc, sizeof crc, "%08x ", crc32(text));
  return crc + text + "\n";
}

std::optional<JournalLine> unframe(std::string_view text) try {
  if (text.size() < 10 || text[8] != ' ') return std::nullopt;
  std::uint32_t crc = 0;
  const auto read = std::from_chars(text.data(), text.data() + 8, crc, 16);
  if (read.ec != std::errc{} || read.ptr != text.data() + 8) return std::nullopt;
  const std::string_view body = text.substr(9);
  if (crc32(body) != crc) return std::nullopt;
  const auto record = nlohmann::json::parse(body);
  JournalLine line;
  const auto id = record.at("trial").get<std::string>();
  const auto hash = std::from_chars(id.data(), id.data() + id.size(), line.entry.id.hash, 16);
  if (hash.ec != std::errc{} || to_string(line.entry.id) != id) return std::nullopt;
  const std::int64_t status = whole_number(record.at("status"));
  if (status < 0 || status > static_cast<int>(TrialStatus::crashed)) return std::nullopt;
  line.entry.status = static_cast<TrialStatus>(status);
  record.at("error").get_to(line.entry.error);
  record.at("segment").get_to(line.entry.segment);
  if (line.entry.segment.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    return std::nullopt;
  line.entry.row = whole_number(record.at("row"));
  record.at("wall_seconds").get_to(line.entry.wall_seconds);
  record.at("finished_at").get_to(line.entry.finished_at);
  line.attempts = whole_number(record.at("attempts"));
  line.segment_bytes = whole_number(record.at("bytes"));
  record.at("sha256").get_to(line.segment_sha256);
  return line;
} catch (const nlohmann::json::exception&) {
  return std::nullopt;
}

Result<Journal> Journal::open(const fs::path& file) {
  Journal journal;
  journal.file_ = file;
  journal.out_ = Descriptor{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
  if (journal.out_.number() < 0 || !sync_folder(file.parent_path())) {
    return file_error(file, "the journal cannot be opened", errno);
  }
  return journal;
}

Result<Done> Journal::append(const std::vector<JournalLine>& lines) {
  std::string text;
  for (const JournalLine& line : lines) text += frame(line);
  struct stat before {};
  if (::fstat(out_.number(), &before) != 0) {
    return file_error(file_, "the journal cannot be written", errno);
  }
  if (write_all(out_.number(), text) && sync(out_.number())) return Done{};
  const int code = errno;
  // Half a batch must not stay: the trials of it will be written again.
  if (::ftruncate(out_.number(), before.st_size) != 0) write_all(out_.number(), "\n");
  return file_error(file_, "the journal cannot be written", code);
}

Result<std::vector<fs::path>> journal_files(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator(dir / "journal", wrong)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  if (wrong) {
    return Error{(dir / "journal").string(), "is not there: " + wrong.message(),
                 "is this the run directory of a grid?"};
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string_view> complete_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

Result<std::vector<JournalLine>> read_lines(const fs::path& dir,
                                            std::vector<std::string>& warnings) {
  const auto files = journal_files(dir);
  if (!files) return files.errors();
  std::vector<JournalLine> lines;
  for (const fs::path& file : *files) {
    const auto text = read_file(file);
    if (!text) return text.errors();
    std::size_t number = 0;
    for (const std::string_view line : complete_lines(*text)) {
      ++number;
      if (auto good = unframe(line)) {
        lines.push_back(std::move(*good));
      } else if (!line.empty()) {
        warnings.push_back(
            file.string() + ":" + std::to_string(number) +
            ": this journal line is damaged (its checksum does not match); the trial "
            "it names counts as unfinished");
      }
    }
  }
  return lines;
}

std::optional<SegmentDamage> damage_of(const fs::path& dir, const JournalLine& line) {
  const fs::path file = dir / "segments" / line.entry.segment;
  std::error_code wrong;
  const auto bytes = fs::file_size(file, wrong);
  if (wrong) {
    return SegmentDamage{"is missing or cannot be read (" + wrong.message() + ")",
                         wrong == std::errc::no_such_file_or_directory};
  }
  if (static_cast<std::int64_t>(bytes) != line.segment_bytes) {
    return SegmentDamage{"is damaged: it has " + std::to_string(bytes) +
                         " bytes, the journal says " + std::to_string(line.segment_bytes)};
  }
  const auto digest = sha256_of_file(file);
  if (!digest) return SegmentDamage{sentence(digest.errors().front()), false};
  if (*digest != line.segment_sha256)
    return SegmentDamage{"is damaged: its SHA-256 is not the one in the journal"};
  return std::nullopt;
}

std::vector<JournalLine> intact(const fs::path& dir, const std::vector<JournalLine>& lines,
                                std::vector<std::string>& warnings, SegmentDamages* damage) {
  std::map<std::string, std::optional<SegmentDamage>> looked_at;
  std::map<std::string, Index> hurt;
  std::map<TrialId, const JournalLine*> last;
  std::set<TrialId> doubled;
  for (const JournalLine& line : lines) {
    const std::string& segment = line.entry.segment;
    auto known = looked_at.find(segment);
    if (known == looked_at.end()) known = looked_at.emplace(segment, damage_of(dir, line)).first;
    if (known->second) {
      ++hurt[segment];
      continue;
    }
    const JournalLine*& kept = last[line.entry.id];
    if (kept != nullptr) doubled.insert(line.entry.id);
    if (kept == nullptr || line.entry.finished_at >= kept->entry.finished_at) kept = &line;
  }
  for (const auto& [segment, n] : hurt) {
    const SegmentDamage& found = *looked_at[segment];
    warnings.push_back((dir / "segments" / segment).string() + ": " + found.what + "; its " +
                       std::to_string(n) + " trials count as unfinished");
    if (damage != nullptr) damage->emplace(segment, found);
  }
  if (!doubled.empty()) {
    const std::string more =
        doubled.size() == 1 ? "" : " (and " + std::to_string(doubled.size() - 1) + " more)";
    warnings.push_back((dir / "journal").string() + ": trial " + to_string(*doubled.begin()) +
                       more + " is named more than once; the last time counts");
  }
  std::vector<JournalLine> good;
  for (const auto& [id, line] : last) good.push_back(*line);
  return good;
}

Result<std::map<TrialId, JournalEntry>> read_journal(const fs::path& dir,
                                                     std::vector<std::string>& warnings) {
  const auto lines = read_lines(dir, warnings);
  if (!lines) return lines.errors();
  std::map<TrialId, JournalEntry> entries;
  for (const JournalLine& line : *lines) {
    const auto known = entries.find(line.entry.id);
    if (known == entries.end() || line.entry.finished_at >= known->second.finished_at) {
      entries.insert_or_assign(line.entry.id, line.entry);
    }
  }
  return entries;
}

}  // namespace attnlab

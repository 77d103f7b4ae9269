// store_input.cpp: any bytes as what a killed run leaves behind: journal lines, checkpoints, states
// half-way, attempts, shapes, settings of the run. A value comes out, or a sentence, or nothing.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/hash.hpp"
#include "bytes_of_input.hpp"
#include "claim.hpp"
#include "run/attempt.hpp"
#include "store/checkpoint.hpp"
#include "store/files.hpp"
#include "store/journal.hpp"
#include "store/origin.hpp"
#include "store/outline.hpp"
#include "store/segment.hpp"
#include "train/checkpoint.hpp"

namespace attnlab::fuzz {
namespace {
namespace fs = std::filesystem;

class Folder {  // a run directory in memory, gone with the process
 public:
  Folder() : path_(fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path()) {
    path_ /= "attnlab-fuzz-" + std::to_string(::getpid());
    for (const char* name : {"journal", "segments", "checkpoints"})
      fs::create_directories(path_ / name);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

const fs::path& folder() {
  static const Folder one;
  return one.path();
}

void put(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::string with_checksum(std::string_view body) {
  char crc[10];
  std::snprintf(crc, sizeof crc, "%08x ", crc32(body));
  return crc + std::string(body);
}

void read_journal_line(std::string_view text) {
  const auto line = unframe(text);
  if (!line) return;
  const std::string again = frame(*line);
  const auto same = unframe(std::string_view(again).substr(0, again.size() - 1));
  claim(same && frame(*same) == again, "a journal line is written and read alike");
  const auto status = static_cast<int>(line->entry.status);
  claim(status >= 0 && status <= static_cast<int>(TrialStatus::crashed), "a status has a meaning");
  claim(line->entry.segment.find('/') == std::string::npos, "a segment lies in segments/");
}

// The lines of `text`, each with the checksum it should have.
void read_whole_journal(std::string_view text, bool with_checksums) {
  std::string lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    lines += (with_checksums ? with_checksum(line) : std::string(line)) + "\n";
    from = end + 1;
  }
  put(folder() / "journal" / "0.log", lines);
  std::vector<std::string> warnings;
  const auto read = read_lines(folder(), warnings);
  claim(static_cast<bool>(read), "a journal of any content can be read");
  intact(folder(), *read, warnings);
}

void read_checkpoint(std::string_view bytes) {
  const CheckpointFile file(folder(), TrialId{0x1234}, "build");
  put(file.path(), bytes);
  const auto loaded = file.load();
  if (!loaded) {
    claim(!loaded.errors().empty() && !loaded.errors()[0].what.empty(), "a refusal says why");
    claim(loaded.errors()[0].where == file.path().string(), "a refusal names the file");
  } else {
    claim(loaded->has_value(), "a file that is there is loaded or refused");
  }
}

// Header and content are any bytes, the checksums are right.
void read_signed_checkpoint(Input in) {
  std::string header(in.text());
  const std::string content(in.text());
  if (auto fields = Settings::parse(header, nullptr, false); fields.is_object()) {
    fields["sha256"] = hex(sha256(content));
    if (!in.one_in(4)) fields["size"] = content.size();
    header = fields.dump(-1, ' ', true, Settings::error_handler_t::replace);
  }
  read_checkpoint("attnlab checkpoint 1 " + hex(sha256(header)) + "\n" + header + "\n" + content);
}

void read_attempt(std::string_view bytes) {
  const auto attempt = decode_attempt(bytes);
  if (!attempt) return;
  const std::string again = encode(*attempt);
  const auto same = decode_attempt(again);
  claim(same && encode(*same) == again, "an attempt is written and read alike");
  if (contradiction_in(attempt->records)) return;
  const CohortShape shape = shape_of(attempt->records);
  const CohortShape back = shape_from(to_text(shape));
  claim(to_text(back) == to_text(shape), "a shape is written and read alike");
}

void read_half_way(std::string_view bytes) {
  const auto state = decode_half_way(bytes);
  if (state) claim(encode(*state) == bytes, "a state half-way is written and read alike");
}

void read_shape(std::string_view text) try {
  const CohortShape shape = shape_from(std::string(text));
  for (const SeriesShape& one : shape.series) shape.sizes(one);
  shape_from(to_text(shape));
} catch (const h5::Failure&) {
}

void read_origin_of_run(std::string_view text) {
  put(folder() / "grid.resolved.yaml", text);
  const auto origin = read_resolved(folder() / "grid.resolved.yaml");
  if (!origin) claim(!origin.errors()[0].what.empty(), "a refusal says why");
  ids_from(std::string(text));
}

void read(Input in) {
  switch (in.below(9)) {
    case 0: return read_journal_line(in.rest());
    case 1: return read_journal_line(with_checksum(in.rest()));
    case 2: return read_whole_journal(in.rest(), false);
    case 3: return read_whole_journal(in.rest(), true);
    case 4: return read_checkpoint(in.rest());
    case 5: return read_signed_checkpoint(in);
    case 6: read_half_way(in.rest()); return read_attempt(in.rest());
    case 7: return read_shape(in.rest());
    default: return read_origin_of_run(in.rest());
  }
}

}  // namespace
}  // namespace attnlab::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attnlab::fuzz::read({data, size});
  return 0;
}

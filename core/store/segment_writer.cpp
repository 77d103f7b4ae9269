// segment_writer.cpp: one rank's finished trials, kept until a segment is due, then made safe and
// journaled.
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "base/hash.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/segment.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t most_bytes = std::size_t{64} << 20;

// Unlike that of any other writer: rank, time, process, and random bits.
std::string writer_name(int rank) {
  std::uint32_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits)
    bits = static_cast<std::uint32_t>(::getpid());
  std::string when = utc_text(unix_now());
  std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
  char name[80];
  std::snprintf(name, sizeof name, "r%05d-%s-%d-%08x", rank, when.c_str(), ::getpid(), bits);
  return name;
}

}  // namespace

struct SegmentWriter::Inside {
  fs::path dir;
  std::string name;
  double commit_seconds = 30;
  std::optional<Journal> journal;  // opened with the first commit: an idle rank leaves no file
  int n_segments = 0;
  SegmentContent waiting;
  std::optional<double> waiting_since;
};

SegmentWriter::SegmentWriter() = default;
SegmentWriter::SegmentWriter(SegmentWriter&&) noexcept = default;
SegmentWriter& SegmentWriter::operator=(SegmentWriter&&) noexcept = default;
SegmentWriter::~SegmentWriter() = default;

Result<SegmentWriter> SegmentWriter::create(const fs::path& dir, int rank, double commit_seconds) {
  for (const char* folder : {"segments", "journal"}) {
    if (!fs::is_directory(dir / folder)) {
      return Error{(dir / folder).string(), "is not there",
                   "the run directory must be on a file system that every rank sees",
                   Blame::machine};
    }
  }
  SegmentWriter writer;
  writer.inside_ = std::make_unique<Inside>();
  writer.inside_->dir = dir;
  writer.inside_->name = writer_name(rank);
  writer.inside_->commit_seconds = commit_seconds;
  return writer;
}

Result<Done> SegmentWriter::add(FinishedTrial trial) {
  if (const auto wrong = contradiction_in(trial.records)) {
    return Error{"trial " + to_string(trial.id), "its records contradict themselves: " + *wrong,
                 "this is a defect of attnlab or of the task plugin; please report it",
                 Blame::machine};
  }
  inside_->waiting.add(std::move(trial), unix_now());
  return inside_->waiting.n_bytes() >= most_bytes ? commit() : Done{};
}

Result<Done> SegmentWriter::commit_if_due(double now) {
  if (inside_->waiting.trials().empty()) return Done{};
  if (!inside_->waiting_since) inside_->waiting_since = now;
  const bool due = now - *inside_->waiting_since >= inside_->commit_seconds ||
                   inside_->waiting.n_bytes() >= most_bytes;
  return due ? commit() : Done{};
}

Result<Done> SegmentWriter::commit() {
  Inside& my = *inside_;
  if (my.waiting.trials().empty()) return Done{};
  char number[16];
  std::snprintf(number, sizeof number, "-%06d.h5", my.n_segments);
  const fs::path file = my.dir / "segments" / (my.name + number);
  std::string bytes;
  try {
    bytes = segment_bytes(my.waiting);
  } catch (const h5::Failure& failure) {
    return h5::error_of(file, "a segment cannot be made", failure);
  }
  if (!my.journal) {
    auto journal = Journal::open(my.dir / "journal" / (my.name + ".log"));
    if (!journal) return journal.errors();
    my.journal = std::move(*journal);
  }
  if (auto written = write_safely(file, bytes); !written) {
    ::unlink(file.c_str());
    return written;
  }
  const std::string digest = hex(sha256(bytes));
  std::vector<JournalLine> lines;
  for (std::size_t i = 0; i < my.waiting.trials().size(); ++i) {
    const SegmentContent::One& trial = my.waiting.trials()[i];
    lines.push_back(
        {{trial.id, trial.status, trial.error, file.filename().string(),
          static_cast<std::int64_t>(i), trial.provenance.wall_seconds, trial.finished_at},
         trial.provenance.attempts,
         static_cast<std::int64_t>(bytes.size()),
         digest});
  }
  if (auto journaled = my.journal->append(lines); !journaled) {
    ::unlink(file.c_str());
    return journaled;
  }
  std::vector<TrialId> finished;
  for (const SegmentContent::One& trial : my.waiting.trials()) finished.push_back(trial.id);
  remove_checkpoints(my.dir, finished);
  ++my.n_segments;
  my.waiting.clear();
  my.waiting_since.reset();
  return Done{};
}

}  // namespace attnlab

// store.hpp: a run directory from outside: what is finished, and how more becomes finished. See
// contract section 5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "observe/records.hpp"
#include "plan/plan.hpp"

namespace attnlab {

class Results;   // store/reader.hpp
struct Outline;  // store/outline.hpp: what store needs to know of a plan

// All that may differ between two runs of one trial.
struct Provenance {
  std::int64_t attempts = 1;
  double wall_seconds = 0;
  std::int64_t rank = 0;
  std::int64_t threads = 1;
  std::string host;
  std::string started;  // ISO 8601, UTC
};

struct FinishedTrial {
  TrialId id;
  TrialStatus status = TrialStatus::done;
  std::string error;  // the sentence, empty if done
  Settings settings;  // complete and resolved
  Records records;    // empty if the trial never began
  Provenance provenance;
};

// What the journal says of one finished trial.
struct JournalEntry {
  TrialId id;
  TrialStatus status = TrialStatus::done;
  std::string error;
  std::string segment;   // file name below segments/
  std::int64_t row = 0;  // its row in that segment's table
  double wall_seconds = 0;
  double finished_at = 0;  // Unix time
};

struct RunFacts {  // goes into /provenance
  std::string attnlab_version, build, compiler, command_line;
  std::vector<std::pair<std::string, std::string>> plugin_files;  // path, SHA-256
  std::vector<std::pair<std::string, std::string>> versions;      // library, version
};

// Which trials of a plan a run trains, when several runs share one directory: share 2 of 3 has the
// trials 1, 4, 7, ... Shares of one number have no trial in common, so they need not talk.
struct Share {
  int number = 1;
  int of = 1;
  bool is_whole() const { return of == 1; }
  bool holds(Index trial) const { return trial % of == number - 1; }
};
std::string to_string(const Share& share);  // "2/3"

// Opens DIR for a run of this grid: makes it, or continues it, or refuses (2: foreign files,
// another grid name, in use; 3: cannot be made). `fresh` moves the old content to DIR.old-N. Rank 0
// only, before anything else; holds locks while it lives: a whole run keeps out every other, a
// share keeps out whole runs, itself, shares of another number, and those of a plan with other
// trials.
class RunDirectory {
 public:
  static Result<RunDirectory> open(const std::filesystem::path& dir, const Plan& plan, bool fresh,
                                   Share share = {});
  static Result<RunDirectory> open(const std::filesystem::path& dir, const Outline& outline,
                                   bool fresh, Share share = {});
  // Would `open` take DIR for what it is? Reads only; whether it is in use shows when it is opened.
  static Result<Done> may_open(const std::filesystem::path& dir, const Plan& plan);
  static Result<Done> may_open(const std::filesystem::path& dir, const Outline& outline);
  RunDirectory(RunDirectory&&) noexcept;
  RunDirectory& operator=(RunDirectory&&) noexcept;
  ~RunDirectory();
  const std::filesystem::path& path() const;
  // Finished trials by id, damaged or missing segments left out (they are trained again); warnings
  // say which.
  const std::map<TrialId, JournalEntry>& finished() const;
  const std::vector<std::string>& warnings() const;

 private:
  struct Inside;
  RunDirectory();
  std::unique_ptr<Inside> inside_;
};

// One rank's writer: collects finished trials, closes a segment after `commit_seconds` or 64 MiB or
// when told, then journals it.
class SegmentWriter {
 public:
  static Result<SegmentWriter> create(const std::filesystem::path& dir, int rank,
                                      double commit_seconds);
  SegmentWriter(SegmentWriter&&) noexcept;
  SegmentWriter& operator=(SegmentWriter&&) noexcept;
  ~SegmentWriter();  // does not commit
  Result<Done> add(FinishedTrial trial);
  Result<Done> commit_if_due(double now);  // seconds of a steady clock
  Result<Done> commit();                   // temp file, close, fsync, rename, fsync folder, journal

 private:
  struct Inside;
  SegmentWriter();
  std::unique_ptr<Inside> inside_;
};

// One verdict on a claim.
struct ClaimRow {
  std::string claim, trials, sentence;
  std::int8_t holds = 0;
  double measured = 0, bound = 0;
};
// Judges what was merged: the results without claims and provenance.
using Judge = std::function<Result<std::vector<ClaimRow>>(const Results& results)>;

// Builds results.h5 from the finished trials that `plan` asks for, in the plan's order. Without
// `judge` there are no claims.
Result<Done> merge(const std::filesystem::path& dir, const Plan& plan, const RunFacts& facts,
                   const Judge& judge);
Result<Done> merge(const std::filesystem::path& dir, const Outline& outline, const RunFacts& facts,
                   const Judge& judge);

// Where the grid of a run directory came from: with it, grid_from reads the same grid again. `text`
// is DIR/grid.yaml.
struct GridOrigin {
  std::string name, text, file;
  std::filesystem::path folder;
  std::vector<std::string> overrides;
};
Result<GridOrigin> read_origin(const std::filesystem::path& dir);

// Did a run make DIR, and die or not yet come to write which grid it is? Nothing is finished then.
bool has_only_begun(const std::filesystem::path& dir);

// Writes DONE: every trial of the plan is finished and results.h5 is there.
Result<Done> mark_done(const std::filesystem::path& dir);
bool is_done(const std::filesystem::path& dir);

// While it lives no other run of DIR merges.
class MergeLock {
 public:
  explicit MergeLock(const std::filesystem::path& dir);  // waits; without locks it goes on
  ~MergeLock();
  MergeLock(const MergeLock&) = delete;
  MergeLock& operator=(const MergeLock&) = delete;

 private:
  int file_;
};

// A share of DIR has trained all its trials: log/done.2-of-3, until that share is opened again.
Result<Done> mark_share_done(const std::filesystem::path& dir, const Share& share);

// The whole journal of DIR, last word per trial; works while a run is going. Damaged records are
// named in `warnings`.
Result<std::map<TrialId, JournalEntry>> read_journal(const std::filesystem::path& dir,
                                                     std::vector<std::string>& warnings);

// Checksums, journal, no trial missing or double. Answers what it found, one sentence a line;
// `wrong` counts the bad ones.
struct Verdict {
  std::vector<std::string> lines;
  Index wrong = 0;
  Index missing = 0;
};
Result<Verdict> verify(const std::filesystem::path& results);  // a run directory or a results.h5

// The table of a results.h5, for people and for tables: one row a trial.
struct TableRow {
  std::int64_t number = 0;
  std::string id;
  TrialStatus status = TrialStatus::done;
  std::string error;
  std::vector<std::string> swept;  // as text, in the order of swept_names
  double final_loss = 0, final_accuracy = 0;
  // At the last record; NaN without a validation split, and where read_table was not asked for it.
  double final_validation_accuracy = std::numeric_limits<double>::quiet_NaN();
};
struct Table {
  std::vector<std::string> swept_names;
  std::vector<TableRow> rows;
};
Result<Table> read_table(const std::filesystem::path& results_file);
// Looks up the validation accuracy of the first `n` rows.
Result<Done> read_validation(const std::filesystem::path& results_file, Index n, Table& table);

}  // namespace attnlab

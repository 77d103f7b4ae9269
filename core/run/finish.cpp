// finish.cpp: merged only when every trial has ended, and only if results.h5 does not say it all
// already.
#include "run/finish.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "run/judge.hpp"
#include "run/speak.hpp"
#include "run/table.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

// Does DIR hold a results.h5 of exactly these trials, and did this run add none?
bool nothing_new(const Prepared& prepared, const Table* table) {
  // Another share may have merged what this one trained: DONE says that nothing was missing.
  const bool added = prepared.work.size() > 0 && prepared.share.is_whole();
  if (table == nullptr || added || !is_done(prepared.directory)) return false;
  if (table->swept_names != prepared.plan.swept_paths()) return false;
  if (static_cast<Index>(table->rows.size()) != prepared.plan.size()) return false;
  for (Index i = 0; i < prepared.plan.size(); ++i) {
    if (table->rows[static_cast<std::size_t>(i)].id != to_string(prepared.plan.trial(i).id))
      return false;
  }
  return true;
}

// Counts what the journal names: a trial that ended but could not be stored is not finished.
std::string same_again(const Prepared& prepared) {
  std::vector<std::string> warnings;
  const auto journal = read_journal(prepared.directory, warnings);
  Index n_finished = 0;
  for (Index i = 0; journal && i < prepared.plan.size(); ++i) {
    n_finished += journal->contains(prepared.plan.trial(i).id) ? 1 : 0;
  }
  return std::to_string(n_finished) + " of " + std::to_string(prepared.plan.size()) +
         " trials are finished and safe in " + prepared.directory.string() +
         "; the same command continues";
}

// Of a share: its exit code, if trials of other shares are still missing.
std::optional<int> without_the_others(const Prepared& prepared) {
  std::vector<std::string> warnings;
  const auto journal = read_journal(prepared.directory, warnings);
  if (!journal) return complain(journal.errors());
  Index missing = 0, not_done = 0;
  for (Index i = 0; i < prepared.plan.size(); ++i) {
    const auto found = journal->find(prepared.plan.trial(i).id);
    if (found == journal->end()) {
      ++missing;
    } else if (prepared.share.holds(i) && found->second.status != TrialStatus::done) {
      ++not_done;
    }
  }
  if (missing == 0) return std::nullopt;
  note("attnlab: share " + to_string(prepared.share) + " is finished, " + std::to_string(not_done) +
       " of its trials are not done; other shares have " + std::to_string(missing) +
       " trials to train, and the last one makes results.h5");
  return not_done > 0 ? exit_failures : 0;
}

int print_results(const fs::path& file, Table& table) {
  if (auto read = read_validation(file, n_printed, table); !read) return complain(read.errors());
  print_table(stdout, table);
  if (const auto results = Results::open(file)) {
    const auto claims = read_claims(*results);
    if (!claims) return complain(claims.errors());
    if (!claims->empty()) std::puts("");
    print_claims(stdout, *claims, 2 * n_printed);
  }
  Tally tally;
  for (const TableRow& row : table.rows) ++tally.counts[static_cast<std::size_t>(row.status)];
  std::printf("\n%s\n", counts_text(tally).c_str());
  std::printf("results: %s\n", file.c_str());
  std::fflush(stdout);
  if (tally.failures() == 0) return 0;
  note("attnlab: " + failures_text(tally));
  return exit_failures;
}

}  // namespace

RunFacts facts(const Catalogue& catalogue, const std::string& command_line) {
  RunFacts facts;
  facts.attnlab_version = ATTNLAB_VERSION;
  facts.build = ATTNLAB_BUILD_TAG;
#ifdef __clang__
  facts.compiler = "Clang " __VERSION__;
#else
  facts.compiler = "GCC " __VERSION__;
#endif
  facts.command_line = command_line;
  for (const PluginDescription& plugin : catalogue)
    facts.plugin_files.emplace_back(plugin.file, plugin.sha256);
  facts.versions = {ATTNLAB_LIBRARY_VERSIONS};
  return facts;
}

int finish(const Prepared& prepared, int code, const std::string& command_line) {
  if (code == exit_stopped) {
    note("attnlab: stopped early in good order: " + same_again(prepared));
    return code;
  }
  if (code != 0) {
    note("attnlab: the machine failed; finished trials are intact: " + same_again(prepared));
    return code;
  }
  std::optional<MergeLock> one_at_a_time;
  if (!prepared.share.is_whole()) {
    if (auto done = mark_share_done(prepared.directory, prepared.share); !done)
      return complain(done.errors());
    one_at_a_time.emplace(prepared.directory);
    if (const auto ended = without_the_others(prepared)) return *ended;
  }
  const fs::path file = prepared.directory / "results.h5";
  auto table = read_table(file);
  if (!nothing_new(prepared, table ? &*table : nullptr)) {
    const auto merged =
        merge(prepared.directory, prepared.plan, facts(prepared.plugins.catalogue(), command_line),
              judge_of(prepared.plan.grid().claims));
    if (!merged) return complain(merged.errors());
    if (auto done = mark_done(prepared.directory); !done) return complain(done.errors());
    table = read_table(file);
    if (!table) return complain(table.errors());
  }
  return print_results(file, *table);
}

void leave_at_once(std::unique_ptr<Comm> comm, int code) {
  comm.reset();
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace attnlab

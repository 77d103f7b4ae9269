// merge_verb.cpp: `attnlab merge DIR` and `attnlab verify RESULTS`.
#include <algorithm>
#include <cstdio>

#include "run/finish.hpp"
#include "run/judge.hpp"
#include "run/machine.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"

namespace attnlab {

namespace {

int nothing_to_merge(const std::string& dir) {
  note("error: " + dir +
       ": no trial is finished yet, so there is nothing to merge; `attnlab status` says how far it "
       "is");
  return exit_failures;
}

}  // namespace

int merge_verb(const Options& options) {
  const std::filesystem::path dir = options.path;
  if (has_only_begun(dir)) return nothing_to_merge(options.path);
  const auto read = read_plan_of(dir, plugin_folders(options.plugin_folders, installed_plugins()));
  if (!read) return complain(read.errors());
  std::vector<std::string> warnings;
  const auto journal = read_journal(dir, warnings);
  if (!journal) return complain(journal.errors());
  for (const std::string& warning : warnings) warn(warning);
  Index n_finished = 0;
  for (Index i = 0; i < read->plan.size(); ++i)
    n_finished += journal->contains(read->plan.trial(i).id) ? 1 : 0;
  if (n_finished == 0) return nothing_to_merge(options.path);
  const auto merged = merge(dir, read->plan, facts(read->plugins.catalogue(), "attnlab merge"),
                            judge_of(read->plan.grid().claims));
  if (!merged) return complain(merged.errors());
  std::printf("%td of %td trials are in %s\n", n_finished, read->plan.size(),
              (dir / "results.h5").c_str());
  return 0;
}

int verify_verb(const Options& options) {
  const auto verdict = verify(options.path);
  if (!verdict) return complain(verdict.errors());
  for (const std::string& line : verdict->lines) std::puts(line.c_str());
  if (verdict->wrong > 0)
    note("attnlab: " + std::to_string(verdict->wrong) +
         (verdict->wrong == 1 ? " thing is wrong with " : " things are wrong with ") +
         options.path);
  return verdict->wrong > 0 ? exit_failures : 0;
}

}  // namespace attnlab

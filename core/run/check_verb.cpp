// check_verb.cpp: `attnlab check RESULTS`: the claims again, on what is finished.
#include <algorithm>
#include <cstdio>

#include "claims/claim.hpp"
#include "run/finish.hpp"
#include "run/judge.hpp"
#include "run/machine.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

int list_claims() {
  for (const Claim& claim : all_claims()) {
    std::printf("%s: %s [%s; %s]\n", claim.name.c_str(), claim.statement.c_str(),
                claim.source.c_str(), claim.formula.c_str());
  }
  return 0;
}

// The claims that were asked for: by --claims, else by the grid, else those that are stored.
std::vector<std::string> names_of(const Options& options, const std::vector<std::string>& of_grid,
                                  const Results& results) {
  if (!options.claims.empty()) return options.claims;
  if (!of_grid.empty()) return of_grid;
  std::vector<std::string> names;
  const auto stored = results.texts("/claims/claim");
  for (std::size_t i = 0; stored && i < stored->size(); ++i) {
    if (std::ranges::find(names, (*stored)[i]) == names.end()) names.push_back((*stored)[i]);
  }
  return names;
}

// True if the journal names no trial of `plan`. A journal that cannot be read is for merge to tell.
bool nothing_finished(const fs::path& dir, const Plan& plan) {
  std::vector<std::string> warnings;
  const auto journal = read_journal(dir, warnings);
  if (!journal) return false;
  for (Index i = 0; i < plan.size(); ++i) {
    if (journal->contains(plan.trial(i).id)) return false;
  }
  return true;
}

}  // namespace

int check_verb(const Options& options) {
  if (options.list) return list_claims();
  if (options.path.empty())
    return complain({Error{"", "check needs a run directory or a results.h5",
                           "`attnlab check --list` prints all claims", Blame::user}});
  std::error_code ignored;
  std::vector<std::string> of_grid;
  if (has_only_begun(options.path)) {
    std::puts("no trial is finished; nothing is judged");
    return 0;
  }
  if (fs::is_directory(options.path, ignored)) {
    const auto read =
        read_plan_of(options.path, plugin_folders(options.plugin_folders, installed_plugins()));
    if (!read) return complain(read.errors());
    of_grid = read->plan.grid().claims;
    if (options.claims.empty() && nothing_finished(options.path, read->plan)) {
      std::printf("0 of %td trials are finished; nothing is judged\n", read->plan.size());
      return 0;
    }
    if (!is_done(options.path)) {  // whatever is finished by now
      const auto merged =
          merge(options.path, read->plan, facts(read->plugins.catalogue(), "attnlab check"),
                judge_of(of_grid));
      if (!merged && !fs::exists(fs::path(options.path) / "results.h5", ignored))
        return complain(merged.errors());
    }
  }
  const auto results = Results::open(options.path);
  if (!results) return complain(results.errors());
  const std::vector<std::string> names = names_of(options, of_grid, *results);
  if (names.empty()) {
    note("attnlab: " + options.path +
         " names no claims; write `claims: [name]` into the grid, or give --claims NAME "
         "(`attnlab check --list` prints all)");
    return 0;
  }
  const fs::path folder = fs::is_directory(options.path, ignored)
                              ? fs::path(options.path)
                              : fs::absolute(options.path, ignored).parent_path();
  const auto there = results->numbers("/trials/status"),
             planned = results->numbers("/provenance/trials_planned");
  const bool unfinished =
      there && planned && planned->values[0] > static_cast<double>(there->values.size());
  std::vector<std::string> waiting;  // claims over groups that are not finished
  const auto rows = judge_of(names, folder, unfinished ? &waiting : nullptr)(*results);
  if (!rows) return complain(rows.errors());
  print_claims(stdout, *rows, rows->size());
  if (unfinished) {
    std::printf("%zu of %.0f trials are finished; the others are not judged\n",
                there->values.size(), planned->values[0]);
  }
  for (const std::string& claim : waiting)
    std::printf("%s needs trials that are not finished\n", claim.c_str());
  const bool all = std::ranges::all_of(*rows, [](const ClaimRow& row) { return row.holds != 0; });
  return all ? 0 : exit_failures;
}

}  // namespace attnlab

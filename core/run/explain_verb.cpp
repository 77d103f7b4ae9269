// explain_verb.cpp: `attnlab explain DIR TRIAL`.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/duration.hpp"
#include "base/settings.hpp"
#include "run/machine.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

// `name` is a number of the plan, or the 16 digits of an id. Ids win where both would do: a number
// that long is no number here.
std::optional<Index> find_trial(const Plan& plan, const std::string& name) {
  for (Index i = 0; i < plan.size(); ++i) {
    if (to_string(plan.trial(i).id) == name) return i;
  }
  Index number = -1;
  const char* end = name.data() + name.size();
  const auto [rest, code] = std::from_chars(name.data(), end, number);
  if (code != std::errc{} || rest != end || number < 0 || number >= plan.size())
    return std::nullopt;
  return number;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The grid file as it was given, if it still stands there unchanged: paths of tasks are relative to
// its folder.
std::string grid_to_use(const std::filesystem::path& dir, const Grid& grid) {
  const std::filesystem::path given = grid.folder / std::filesystem::path(grid.file).filename();
  return text_of(given) == grid.text ? given.string()
                                     : std::filesystem::absolute(dir / "grid.yaml").string();
}

std::string command_for(const Options& options, const Plan& plan, Index number) {
  const Trial& trial = plan.trial(number);
  std::string command = "attnlab run " + quoted(grid_to_use(options.path, plan.grid()));
  for (const std::string& override : plan.grid().overrides) command += " --set " + quoted(override);
  command += " --set " + quoted("sweep={}");
  for (std::size_t i = 0; i < plan.swept_paths().size(); ++i) {
    command += " --set " + quoted(plan.swept_paths()[i] + "=" + canonical(trial.swept[i]));
  }
  for (const std::string& folder : options.plugin_folders) {
    const auto whole = std::filesystem::absolute(folder).lexically_normal();
    command += " --plugins " + quoted(whole.string());
  }
  return command + " --out " + quoted("trial-" + to_string(trial.id));
}

}  // namespace

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

int explain_verb(const Options& options) {
  const std::filesystem::path dir = options.path;
  const auto read = read_plan_of(dir, plugin_folders(options.plugin_folders, installed_plugins()));
  if (!read) return complain(read.errors());
  const Plan& plan = read->plan;
  const auto number = find_trial(plan, options.name);
  if (!number) {
    return complain({Error{options.path, "has no trial '" + options.name + "'",
                           "trials are numbers from 0 to " + std::to_string(plan.size() - 1) +
                               ", or ids of 16 hex digits"}});
  }
  std::vector<std::string> warnings;
  const auto journal = read_journal(dir, warnings);
  if (!journal) return complain(journal.errors());
  for (const std::string& warning : warnings) warn(warning);
  const Trial& trial = plan.trial(*number);
  std::printf("trial %td of %s\n", *number, plan.grid().name.c_str());
  std::printf("id: %s\n", to_string(trial.id).c_str());
  const auto entry = journal->find(trial.id);
  if (entry == journal->end()) {
    std::printf("status: waiting\n");
  } else {
    std::printf("status: %s\n", to_string(entry->second.status).c_str());
    if (!entry->second.error.empty()) std::printf("error: %s\n", entry->second.error.c_str());
    std::printf("took: %s\n", duration_text(entry->second.wall_seconds).c_str());
    std::printf("stored in: %s, row %lld\n", entry->second.segment.c_str(),
                static_cast<long long>(entry->second.row));
  }
  for (std::size_t i = 0; i < plan.swept_paths().size(); ++i) {
    std::printf("%s: %s\n", plan.swept_paths()[i].c_str(), canonical(trial.swept[i]).c_str());
  }
  std::printf("\nalone:\n  %s\n", command_for(options, plan, *number).c_str());
  std::printf("\nsettings:\n");
  std::istringstream settings(to_yaml(plan.settings(*number)));
  for (std::string line; std::getline(settings, line);) std::printf("  %s\n", line.c_str());
  return 0;
}

}  // namespace attnlab

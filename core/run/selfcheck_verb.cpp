// selfcheck_verb.cpp: `attnlab selfcheck GRID.yaml`: one grid in several ways, every bit compared.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/duration.hpp"
#include "base/random.hpp"
#include "comm/start.hpp"
#include "run/child.hpp"
#include "run/compare.hpp"
#include "run/machine.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"
#include "run/table.hpp"
#include "run/temporary_folder.hpp"
#include "run/verbs.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

struct Way {
  std::string name;
  double seconds = 0;
  Index n_datasets = 0;
  std::vector<Compared> different{};
  std::string failure{};  // not empty: it could not be run
};

// `n` numbers of trials spread evenly over the plan, as a sweep of their own; empty: all of them.
std::string chosen_sweep(const Plan& plan, Index n) {
  if (plan.size() <= n) return "";
  Settings lists = Settings::object();
  for (Index i = 0; i < n; ++i) {
    const Trial& trial = plan.trial(i * plan.size() / n);
    for (std::size_t p = 0; p < plan.swept_paths().size(); ++p) {
      lists[plan.swept_paths()[p]].push_back(trial.swept[p]);
    }
  }
  return "sweep=" + canonical({{"zip", Settings::array({lists})}});
}

std::string last_lines(const fs::path& log) {
  std::ifstream in(log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string text;
  for (std::size_t i = lines.size() > 5 ? lines.size() - 5 : 0; i < lines.size(); ++i) {
    text += (text.empty() ? "" : "\n") + lines[i];
  }
  return text;
}

class Selfcheck {
 public:
  Selfcheck(const Options& options, const Plan& plan, fs::path folder)
      : folder_(std::move(folder)), ranks_(options.ranks.value_or(2)) {
    threads_ = options.threads > 0 ? options.threads : 2;
    command_ = {executable().string(), "run", fs::absolute(options.grid).string()};
    for (const std::string& one : options.overrides) add("--set", one);
    if (options.n_steps > 0) add("--set", "training.steps=" + std::to_string(options.n_steps));
    const std::string sweep = chosen_sweep(plan, options.n_trials);
    if (!sweep.empty()) add("--set", sweep);
    for (const std::string& one : options.plugin_folders) add("--plugins", one);
    add("--progress", "none");
  }

  std::vector<Way> ways() {
    std::vector<Way> all = {alone()};
    if (!all[0].failure.empty()) return all;
    all.push_back(together());
    all.push_back(killed());
    return all;
  }

 private:
  void add(const std::string& option, const std::string& value) {
    command_.push_back(option);
    command_.push_back(value);
  }

  Words command(const std::string& out, int threads, const Words& launcher = {}) const {
    Words words = launcher;
    words.insert(words.end(), command_.begin(), command_.end());
    const Words end = {"--out", (folder_ / out).string(), "--threads", std::to_string(threads)};
    words.insert(words.end(), end.begin(), end.end());
    return words;
  }

  Result<Child> start(const std::string& out, const Words& words) const {
    return Child::start(words, folder_ / (out + ".log"),
                        {{"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}});
  }

  // Runs to the end; trials that fail must do so in every way, so exit code 1 is as good as 0.
  void run(Way& way, const std::string& out, const Words& words) const {
    const double began = steady_seconds();
    auto child = start(out, words);
    const int code = child ? child->wait() : exit_machine;
    way.seconds += steady_seconds() - began;
    if (code == 0 || code == exit_failures) return;
    way.failure = "ended with exit code " + std::to_string(code) + ":\n" +
                  last_lines(folder_ / (out + ".log"));
  }

  void compare_with_first(Way& way, const std::string& out) const {
    if (!way.failure.empty()) return;
    const auto first = Results::open(folder_ / "alone");
    const auto second = Results::open(folder_ / out);
    if (!first || !second) {
      way.failure = sentence((first ? second : first).errors().front());
      return;
    }
    const auto all = compare_results(*first, *second);
    if (!all) {
      way.failure = sentence(all.errors().front());
      return;
    }
    way.n_datasets = static_cast<Index>(all->size());
    std::ranges::copy_if(*all, std::back_inserter(way.different),
                         [](const Compared& one) { return !one.difference.empty(); });
  }

  Way alone() const {
    Way way{.name = "1 rank x 1 thread"};
    run(way, "alone", command("alone", 1));
    compare_with_first(way, "alone");
    alone_seconds_ = way.seconds;
    return way;
  }

  Way together() const {
    Words launcher;
    if (in_path("mpirun").empty()) {
      note("attnlab: mpirun is not in PATH: several threads are tried, several ranks are not");
    } else {
      launcher = {"mpirun", "-n", std::to_string(ranks_)};
      auto asked = start("mpirun", {"mpirun", "--version"});
      if (asked) asked->wait();
      const std::string version = last_lines(folder_ / "mpirun.log");
      if (version.find("Open MPI") != std::string::npos) {
        launcher.insert(launcher.end(), {"--oversubscribe", "--bind-to", "none"});
      }
    }
    const int ranks = launcher.empty() ? 1 : ranks_;
    Way way{.name = std::to_string(ranks) + (ranks == 1 ? " rank" : " ranks") + " x " +
                    std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads")};
    run(way, "together", command("together", threads_, launcher));
    compare_with_first(way, "together");
    return way;
  }

  Index n_finished(const std::string& out) const {
    std::vector<std::string> warnings;
    const auto journal = read_journal(folder_ / out, warnings);
    return journal ? static_cast<Index>(journal->size()) : 0;
  }

  // A number between 0 and 1 that nobody can foresee: each selfcheck kills elsewhere.
  double chance(std::uint64_t index) const {
    const auto seed = std::chrono::system_clock::now().time_since_epoch().count() ^ ::getpid();
    return random_uniform(static_cast<std::uint64_t>(seed), 0, index);
  }

  // Waits for the first commit (not on the later attempts, when a run proved too short for that)
  // and then a random while. False: the run ended by itself.
  bool killed_once(const std::string& out, int attempt, double& took) const {
    Words words = command(out, threads_);
    words.insert(words.end(), {"--commit-every", "0.1s"});
    auto child = start(out, words);
    if (!child) return false;
    const double began = steady_seconds();
    const auto elapsed = [&] { return steady_seconds() - began; };
    const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); };
    while (attempt == 0 && !child->ended() && n_finished(out) == 0) pause();
    const double rest = attempt == 0 ? std::max(alone_seconds_ / threads_ - elapsed(), 0.0) : took;
    const double end = elapsed() + chance(static_cast<std::uint64_t>(attempt)) * 0.8 * rest;
    while (!child->ended() && elapsed() < end) pause();
    const bool still_ran = !child->ended();
    child->kill();
    took = elapsed();
    return still_ran;
  }

  Way killed() const {
    Way way{.name = "killed and continued"};
    double took = 0;
    std::string out;
    bool was_killed = false;
    constexpr int most = 5;
    for (int attempt = 0; attempt < most && !was_killed; ++attempt) {
      out = "killed-" + std::to_string(attempt);
      was_killed = killed_once(out, attempt, took);
    }
    const Index n = n_finished(out);
    way.name += was_killed ? " (after " + std::to_string(n) + (n == 1 ? " trial)" : " trials)")
                           : " (it always ended before it was killed)";
    way.seconds = took;
    run(way, out, command(out, threads_));
    compare_with_first(way, out);
    return way;
  }

  fs::path folder_;
  int ranks_;
  int threads_ = 2;
  Words command_;
  mutable double alone_seconds_ = 0;
};

std::string verdict(const Way& way) {
  if (!way.failure.empty()) return "DID NOT RUN";
  if (!way.different.empty()) return std::to_string(way.different.size()) + " DIFFERENT";
  return "equal";
}

// Answers whether all ways agree.
bool tell(const std::vector<Way>& ways) {
  std::vector<Words> rows = {{"way", "took", "datasets", "verdict"}};
  for (const Way& way : ways) {
    rows.push_back({way.name, duration_text(way.seconds), std::to_string(way.n_datasets),
                    &way == &ways.front() && way.failure.empty() ? "the measure" : verdict(way)});
  }
  std::fputs(columns(rows).c_str(), stdout);
  bool good = true;
  for (const Way& way : ways) {
    good = good && way.failure.empty() && way.different.empty();
    if (!way.failure.empty()) std::printf("\n%s: %s\n", way.name.c_str(), way.failure.c_str());
    constexpr std::size_t most = 10;
    for (std::size_t i = 0; i < std::min(way.different.size(), most); ++i) {
      const Compared& one = way.different[i];
      std::printf("\n%s: %s: %s", way.name.c_str(), one.dataset.c_str(), one.difference.c_str());
    }
    if (!way.different.empty()) std::printf("\n");
  }
  return good;
}

}  // namespace

int selfcheck_verb(const Options& options) {
  if (under_mpi()) {
    note("error: selfcheck starts its own ranks; call it without mpirun");
    return exit_user;
  }
  std::vector<std::string> overrides = options.overrides;
  if (options.n_steps > 0) {
    overrides.push_back("training.steps=" + std::to_string(options.n_steps));
  }
  const auto read = read_plan(options.grid, overrides,
                              plugin_folders(options.plugin_folders, installed_plugins()));
  if (!read) return complain(read.errors());
  auto folder = TemporaryFolder::make();
  if (!folder) return complain(folder.errors());
  if (options.keep) folder->keep();
  const Index n = std::min<Index>(options.n_trials, read->plan.size());
  std::printf("%s: %td of %td trials, every dataset outside /provenance\n\n",
              read->plan.grid().name.c_str(), n, read->plan.size());
  std::fflush(stdout);
  const bool good = tell(Selfcheck(options, read->plan, folder->path()).ways());
  if (!good) folder->keep();
  if (!good || options.keep) std::printf("\nkept in %s\n", folder->path().c_str());
  std::printf("\n%s\n", good ? "every bit is the same" : "the ways do not agree");
  return good ? 0 : exit_failures;
}

}  // namespace attnlab

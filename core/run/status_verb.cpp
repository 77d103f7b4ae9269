// status_verb.cpp: `attnlab status DIR`.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "base/duration.hpp"
#include "base/settings.hpp"
#include "run/machine.hpp"
#include "run/progress_of.hpp"
#include "run/speak.hpp"
#include "run/table.hpp"
#include "run/verbs.hpp"

namespace attnlab {
namespace {

Settings json_of(const std::string& dir, const RunStatus& status) {
  Settings counts = Settings::object();
  for (std::size_t i = 0; i < status.tally.counts.size(); ++i) {
    counts[to_string(static_cast<TrialStatus>(i))] = status.tally.counts[i];
  }
  const std::int64_t finished = status.tally.total();
  counts["waiting"] = status.trials - finished;
  Settings failures = Settings::array();
  for (const auto& failure : status.failures) {
    failures.push_back({{"trial", failure.number},
                        {"id", failure.id},
                        {"status", to_string(failure.status)},
                        {"error", failure.error}});
  }
  return {{"directory", dir},
          {"name", status.name},
          {"complete", status.complete},
          {"trials", status.trials},
          {"finished", finished},
          {"half_way", status.half_way},
          {"crashes", status.crashes},
          {"counts", counts},
          {"rate", status.rate ? Settings(*status.rate) : Settings()},
          {"seconds_left", status.seconds_left ? Settings(*status.seconds_left) : Settings()},
          {"failures", failures},
          {"warnings", status.warnings}};
}

void print_text(const RunStatus& status) {
  if (status.name.empty()) {
    std::puts("only begun: the run has not written its list of trials yet");
    return;
  }
  const std::int64_t finished = status.tally.total();
  std::printf("%s: %s\n", status.name.c_str(), status.complete ? "complete" : "unfinished");
  std::printf("%lld of %lld trials finished", static_cast<long long>(finished),
              static_cast<long long>(status.trials));
  for (std::size_t i = 0; i < status.tally.counts.size(); ++i) {
    if (status.tally.counts[i] == 0) continue;
    std::printf(", %lld %s", static_cast<long long>(status.tally.counts[i]),
                to_string(static_cast<TrialStatus>(i)).c_str());
  }
  if (status.half_way > 0) {
    std::printf("; %lld of the others half-way", static_cast<long long>(status.half_way));
  }
  std::printf("\n");
  if (status.rate && !status.complete) {
    std::printf("rate: %.3g trials a second", *status.rate);
    if (status.seconds_left) std::printf(", %s left", duration_text(*status.seconds_left).c_str());
    std::printf("\n");
  }
  if (status.failures.empty()) return;
  std::vector<std::vector<std::string>> rows = {{"trial", "id", "status", "error"}};
  constexpr std::size_t most = 50;
  for (const auto& failure : status.failures) {
    if (rows.size() > most) break;
    rows.push_back(
        {std::to_string(failure.number), failure.id, to_string(failure.status), failure.error});
  }
  std::fputs(("\n" + columns(rows)).c_str(), stdout);
  if (status.failures.size() > most) {
    std::printf("... and %zu more; --format json lists all\n", status.failures.size() - most);
  }
}

void print(const Options& options, const RunStatus& status) {
  for (const std::string& warning : status.warnings) warn(warning);
  if (options.format == "json") {
    std::puts(json_of(options.path, status)
                  .dump(2, ' ', false, Settings::error_handler_t::replace)
                  .c_str());
  } else {
    print_text(status);
  }
  std::fflush(stdout);
}

// "2026-01-31T12:00:00Z  12 of 40 trials, ..., 9.0s left"
void print_line(const RunStatus& status) {
  std::string line = utc_text() + "  " + std::to_string(status.tally.total()) + " of " +
                     std::to_string(status.trials) + " trials";
  if (status.tally.failures() > 0) {
    line += ", " + std::to_string(status.tally.failures()) + " not done";
  }
  if (status.complete) {
    line += ", complete";
  } else if (status.seconds_left) {
    line += ", " + duration_text(*status.seconds_left) + " left";
  }
  std::puts(line.c_str());
  std::fflush(stdout);
}

// A terminal is drawn anew each time; elsewhere each time is a line. The end is told in full.
int watch(const Options& options) {
  const bool redraw = ::isatty(STDOUT_FILENO) != 0 && options.format == "table";
  for (;;) {
    const bool running = may_be_running(options.path);  // before: its last words are not missed
    const auto status = status_of(options.path);
    if (!status) return complain(status.errors());
    if (redraw) std::fputs("\033[H\033[2J", stdout);
    const bool ended = status->complete || !running;
    if (redraw || options.format == "json" || ended) {
      print(options, *status);
    } else {
      print_line(*status);
    }
    if (ended) return 0;
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

}  // namespace

int status_verb(const Options& options) {
  if (options.watch) return watch(options);
  const auto status = status_of(options.path);
  if (!status) return complain(status.errors());
  print(options, *status);
  return 0;
}

}  // namespace attnlab

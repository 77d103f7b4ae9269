// progress_of.hpp: how far a run is, from its journal alone. Works while it runs, from any machine
// that sees the folder.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "schedule/message.hpp"
#include "store/store.hpp"

namespace attnlab {

struct RunStatus {
  std::string name;  // empty: the run has only begun, and has not said of which grid
  bool complete = false;
  Index trials = 0;            // of the plan
  Tally tally;                 // finished ones of the plan
  Index half_way = 0;          // unfinished ones of the plan that have a checkpoint
  Index crashes = 0;           // that unfinished ones of the plan are known to be guilty of
  std::optional<double> rate;  // trials a second, lately
  std::optional<double> seconds_left;
  struct Failure {
    Index number = 0;
    std::string id;
    TrialStatus status = TrialStatus::failed;
    std::string error;
  };
  std::vector<Failure> failures;
  std::vector<std::string> warnings;
};

Result<RunStatus> status_of(const std::filesystem::path& dir);

// False if the run that was here last is known to have ended: its process was on this machine and
// is gone.
bool may_be_running(const std::filesystem::path& dir);

struct TimeSpan {
  double began, finished;  // Unix times
};
// Trials a second since the first beginning among those that ended in the last ten minutes before
// the latest end: trials that are trained side by side end together. None if that is no span.
std::optional<double> recent_rate(std::span<const TimeSpan> trials);

}  // namespace attnlab

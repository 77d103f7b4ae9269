// attempt.hpp: one attempt to train one trial, in this process, whichever process that is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "host/plugins.hpp"
#include "observe/records.hpp"
#include "plan/plan.hpp"
#include "run/slots.hpp"
#include "train/train.hpp"

namespace attnlab {

// What the trials of one run share.
struct Workshop {
  std::filesystem::path folder;     // of the grid file
  std::filesystem::path directory;  // of the run
  int threads_each = 1;
  double limit = 0;  // seconds that a trial may take; infinity: any number
};

struct Attempt {
  bool stopped = false;  // cut short by the slot's `stop`: no status
  TrialStatus status = TrialStatus::done;
  std::string error;
  std::int64_t attempts = 1;  // that this trial took so far
  Records records;
};

// After this many crashes a trial is `crashed` for good.
inline constexpr int most_crashes = 3;

// "died of SIGSEGV at step 3, 3 times in all".
std::string crash_sentence(const std::string& how, std::int64_t step, int crashes);

// Trains `trial`, from its checkpoint if there is one, until it ends, `slot` says stop, or its time
// is over: then it is timed_out with the records it has.
Attempt attempt(const Workshop& workshop, const Plugins& plugins, const Trial& trial,
                const Settings& settings, TaskCache& cache, TrialSlot& slot);

// "took longer than its limit of 2 s".
std::string over_limit(double seconds);
// "at step 3", "before its first step".
std::string at_step(std::int64_t step);

// For another process of the same build: the same bits come out.
std::string encode(const Attempt& attempt);
std::optional<Attempt> decode_attempt(std::string_view bytes);

}  // namespace attnlab

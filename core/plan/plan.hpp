// plan.hpp: a grid as a numbered list of trials.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/index.hpp"
#include "grid/grid.hpp"

namespace attnlab {

// How a trial ended. The numbers are those of results.h5.
enum class TrialStatus : std::int8_t {
  done = 0,
  diverged = 1,
  failed = 2,
  timed_out = 3,
  crashed = 4
};
std::string to_string(TrialStatus status);

struct Trial {
  Index number = 0;             // position in the plan, from 0
  TrialId id;                   // hash of its complete resolved settings
  std::vector<Settings> swept;  // one value for each of Plan::swept_paths()
};

// What a trial is expected to need; see model/estimate.hpp.
struct Estimate {
  std::int64_t parameters = 0;  // trained and fixed numbers
  double flops = 0;             // of the whole trial
  double working_bytes = 0;     // while it trains
  double result_bytes = 0;      // in the results file
};

class Plan {
 public:
  // All trials of `grid`: axes in order, the last fastest, exclusions left out. Fails with every
  // mistake found in the resolved settings of any trial, each once; two trials with equal settings
  // are a mistake that names both.
  static Result<Plan> make(Grid grid, Catalogue catalogue);

  const Grid& grid() const { return grid_; }
  Index size() const { return static_cast<Index>(trials_.size()); }
  const Trial& trial(Index number) const { return trials_[static_cast<std::size_t>(number)]; }
  const std::vector<std::string>& swept_paths() const { return swept_paths_; }
  Settings settings(
      Index number) const;  // complete and resolved; made anew at each call, any thread

 private:
  Plan() = default;
  Grid grid_;
  Catalogue catalogue_;
  std::vector<std::string> swept_paths_;
  std::vector<Trial> trials_;
};

}  // namespace attnlab

// width.hpp: how a rank spends its threads: many small trials side by side, or one large trial at a time. Pure.
#pragma once

#include <span>

#include "base/index.hpp"

namespace attnlab {

struct TrialCost {
  double flops_per_step = 0;
  double flops = 0;          // of the whole trial
  double working_bytes = 0;  // while it trains
};

struct Width {
  int trials_at_once = 1;
  int threads_each = 1;
  bool operator==(const Width&) const = default;
};

// Below this many operations a step, waking other threads costs more than they give: about 10 ms of one core.
inline constexpr double small_step_flops = 5e7;

// `costs` of the waiting trials of all ranks, `n_ranks` that share them, `memory` that one rank may fill, in bytes; `asked` is --trials-at-once, 0 if
// not given. Trials whose steps are small, weighted by their work, go side by side, as many as threads, trials and memory allow.
Width choose_width(std::span<const TrialCost> costs, int n_threads, int n_ranks, double memory,
                   int asked);

// How many trials to hold in reserve before asking for more: short trials hide the question behind work, long ones are
// better trained by a rank that is idle. `seconds` is the mean time of a trial so far, 0 if none ended: then nothing is held.
Index reserve(double seconds, int trials_at_once);

// How often a rank tells how many trials it has ended: rank 0 hears no more than some thousands a second.
double seconds_between_tallies(int n_ranks);

}  // namespace attnlab

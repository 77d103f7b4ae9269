// simulate.hpp: how long a run would take: the same coordinator, workers and work list, with a
// clock of their own. Pure and deterministic.
#pragma once

#include <span>
#include <vector>

#include "schedule/nodes.hpp"
#include "schedule/width.hpp"
#include "schedule/work_list.hpp"

namespace attnlab {

struct SimulatedRun {
  double makespan = 0;                // seconds until the last rank is done
  double busy = 0;                    // seconds of all slots that trained
  double lower_bound = 0;             // no schedule on these slots can be faster
  std::vector<double> rank_finished;  // [rank] when its last trial ended
  double efficiency() const;          // lower_bound / makespan; 1 for an empty run
};

struct MessageTimes {
  double latency = 0;  // seconds from a question to its answer, where nobody else asks
  double service = 0;  // seconds for which one question keeps the one busy who answers
};

// A run of `work` on `n_ranks` that train `width.trials_at_once` trials side by side each.
// `seconds` by trial number: how long one trial occupies one slot. Tallies are left out: they are
// few, see seconds_between_tallies.
SimulatedRun simulate(const WorkList& work, std::span<const double> seconds, int n_ranks,
                      Width width, MessageTimes times, const Nodes& nodes = {});

}  // namespace attnlab

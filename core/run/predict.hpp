// predict.hpp: how long a grid would take on so many ranks and threads of machines like this one.
#pragma once

#include <span>
#include <string>

#include "base/settings.hpp"
#include "host/plugins.hpp"
#include "plan/plan.hpp"
#include "run/examine.hpp"
#include "schedule/simulate.hpp"

namespace attnlab {

struct Prediction {
  int ranks = 1;
  int threads = 1;  // of each rank
  Width width;
  SimulatedRun run;
  double flops_per_second = 0;  // of one thread, over the whole grid
};

// Trains the trials with the cheapest and with the costliest step for a fraction of a second each,
// on one thread, and lets the schedule run on the times that follow from it for all others. Threads
// of one trial are taken to share its steps evenly.
Result<Prediction> predict(const Plan& plan, const Plugins& plugins,
                           std::span<const Examined> examined, int ranks, int threads);

std::string to_text(const Prediction& prediction);
Settings to_json(const Prediction& prediction);

}  // namespace attnlab

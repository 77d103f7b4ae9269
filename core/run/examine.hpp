// examine.hpp: can the waiting trials be trained here, and what will they cost?
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "host/plugins.hpp"
#include "plan/plan.hpp"
#include "schedule/width.hpp"

namespace attnlab {

// Of one trial: its estimate, with the bytes of its records, and the operations of one of its
// steps.
struct Examined {
  Estimate estimate;
  double flops_per_step = 0;
};

// One for each of `trials`, in their order. Trials that differ in seed only are examined once.
// Fails with every mistake, each once; a trial that cannot fit into `memory` bytes is one.
Result<std::vector<Examined>> examine_all(const Plan& plan, const Plugins& plugins,
                                          std::span<const Index> trials, double memory);

std::vector<TrialCost> costs_of(std::span<const Examined> trials);

}  // namespace attnlab

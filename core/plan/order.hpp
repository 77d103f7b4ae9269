// order.hpp: which trials are still to be trained, and in which order. Pure.
#pragma once

#include <span>
#include <vector>

#include "plan/plan.hpp"

namespace attnlab {

// Numbers of the trials that are not among `finished`, in the order of the plan. Ids of other plans
// do not matter.
std::vector<Index> waiting(const Plan& plan, std::span<const TrialId> finished);

// `trials` by the flops of their estimate (estimates[number]), the costliest first; ties keep their
// order.
std::vector<Index> costliest_first(std::vector<Index> trials, std::span<const Estimate> estimates);

}  // namespace attnlab

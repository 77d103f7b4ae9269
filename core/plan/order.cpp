// order.cpp: the long trials come first, so that no rank trains alone at the end.
#include "plan/order.hpp"

#include <algorithm>

namespace attnlab {

std::vector<Index> waiting(const Plan& plan, std::span<const TrialId> finished) {
  std::vector<TrialId> sorted(finished.begin(), finished.end());
  std::ranges::sort(sorted);
  std::vector<Index> numbers;
  for (Index number = 0; number < plan.size(); ++number) {
    if (!std::ranges::binary_search(sorted, plan.trial(number).id)) numbers.push_back(number);
  }
  return numbers;
}

std::vector<Index> costliest_first(std::vector<Index> trials, std::span<const Estimate> estimates) {
  const auto cost = [&](Index number) { return estimates[static_cast<std::size_t>(number)].flops; };
  std::ranges::stable_sort(trials, [&](Index a, Index b) { return cost(a) > cost(b); });
  return trials;
}

}  // namespace attnlab

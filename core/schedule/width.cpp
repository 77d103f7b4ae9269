// width.cpp: small means small for the typical unit of work, not for the typical trial.
#include "schedule/width.hpp"

#include <algorithm>

namespace attnlab {

Width choose_width(std::span<const TrialCost> costs, int n_threads, int n_ranks, double memory,
                   int asked) {
  n_threads = std::max(n_threads, 1);
  if (asked > 0) return {asked, std::max(1, n_threads / asked)};
  double small = 0;
  double large = 0;
  double hungriest = 0;
  for (const TrialCost& cost : costs) {
    (cost.flops_per_step <= small_step_flops ? small : large) += std::max(cost.flops, 1.0);
    hungriest = std::max(hungriest, cost.working_bytes);
  }
  if (large > small) return {1, n_threads};
  const auto n_trials = static_cast<Index>(costs.size());
  const Index here = (n_trials + n_ranks - 1) / std::max(n_ranks, 1);
  const double fitting = hungriest > 0 ? memory / hungriest : static_cast<double>(n_threads);
  const auto at_once = static_cast<int>(std::clamp(std::min(static_cast<double>(here), fitting),
                                                   1.0, static_cast<double>(n_threads)));
  return {at_once, std::max(1, n_threads / at_once)};
}

Index reserve(double seconds, int trials_at_once) {
  constexpr double long_trial = 0.2;  // a question takes a thousandth of this
  const bool is_known = seconds > 0;  // who hoards before that may hoard beside the longest trial
  return is_known && seconds <= long_trial ? trials_at_once : -1;
}

double seconds_between_tallies(int n_ranks) {
  constexpr double most_a_second = 2000;
  return std::max(0.5, n_ranks / most_a_second);
}

}  // namespace attnlab

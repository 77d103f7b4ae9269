// claims_scan_symmetry.cpp: in the coupled flow of Tian et al. 2023 a common factor of both
// learning rates is a change of the unit of time (papers/b_scan_and_snap 5.5 P13).
//
//   dY/dt = eta_Y F(Y, Z), dZ/dt = eta_Z G(Y, Z):  c(t; s eta_Y, s eta_Z) = c(s t; eta_Y, eta_Z)
#include <algorithm>
#include <cmath>
#include <map>

#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"

namespace attnlab {
namespace {

constexpr double bound = 1e-8;

// Are the records of `fast` taken s times earlier than those of `slow`?
bool at_scaled_times(const ScanTrial& slow, const ScanTrial& fast, double s) {
  if (slow.time.size() != fast.time.size()) return false;
  for (std::size_t i = 0; i < slow.time.size(); ++i)
    if (!(std::abs(s * fast.time[i] - slow.time[i]) <= 1e-9 * slow.time[i])) return false;
  return true;
}

double largest_difference(const ScanTrial& a, const ScanTrial& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.c.values.size(); ++i) {
    const double off = std::abs(a.c.values[i] - b.c.values[i]);
    if (!(off <= most)) most = off;  // NaN stays
  }
  return most;
}

Finding compare(const Trials& group) {
  const std::string name = trials_text(group);
  if (group.size() < 2)
    return too_few_trials(name, bound, "the sweep needs two pairs of rates with the same ratio");
  const ScanTrial slowest(*group.front());
  double most = 0, largest = 1;
  for (std::size_t i = 1; i < group.size(); ++i) {
    const ScanTrial other(*group[i]);
    const double s = other.rate_Y / slowest.rate_Y;
    if (!at_scaled_times(slowest, other, s)) {
      return cannot_judge(name, bound,
                          "the records are not taken at times that fall as the rates rise; scale "
                          "end_time and first_time (or steps and every) by 1/s");
    }
    const double off = largest_difference(slowest, other);
    if (!(off <= most)) most = off;
    largest = std::max(largest, s);
  }
  return {name, most < bound, most, bound,
          text_of("attention differs by at most %.3g over %zu records, rates up to %g times as "
                  "large",
                  most, slowest.time.size(), largest)};
}

}  // namespace

std::vector<Finding> rate_symmetry(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : groups_that_differ_in(
           trials, {"optimizer.learning_rate", "optimizer.end_time", "optimizer.first_time",
                    "training.steps", "record.metrics"})) {
    std::map<double, std::map<double, const TrialRecords*>> by_ratio;  // then by rate
    for (const TrialRecords* trial : group) {
      if (!has_scan_series(*trial)) continue;
      const ScanTrial t(*trial);
      by_ratio[t.rate_Y / t.rate_Z][t.rate_Y] = trial;
    }
    for (const auto& [ratio, by_rate] : by_ratio) {
      Trials members;
      for (const auto& [rate, trial] : by_rate) members.push_back(trial);
      out.push_back(compare(members));
    }
  }
  if (out.empty())
    out.push_back(cannot_judge(trials_text(trials), bound, "no trial has the series of scan_snap"));
  return out;
}

}  // namespace attnlab

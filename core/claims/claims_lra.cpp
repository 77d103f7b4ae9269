// claims_lra.cpp: statements of Song et al. 2024 on real tasks (Figures 2 to 4): against softmax
// the Gaussian kernel learns faster, ends more accurate, and has a smoother loss surface.
//
// Pairs are a gaussian and a softmax trial of equal seed and settings, hence of equal data order.
// Predicates: papers/c_kernels 2 (L-fast, L-acc, L-smooth), set before any run.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/order_statistics.hpp"
#include "base/random.hpp"
#include "claims/claim_list.hpp"
#include "claims/judging.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

constexpr std::size_t least_pairs = 3;

struct Pair {
  const TrialRecords* gaussian = nullptr;
  const TrialRecords* softmax = nullptr;
};
struct Pairs {
  Trials trials;            // all that are in a pair
  std::vector<Pair> pairs;  // by seed
  std::string why_not;      // empty: they can be judged
  bool too_few = false;     // seeds or kernels are missing
};

std::string seed_of(const TrialRecords& trial) { return setting(trial, "seed"); }

// Why this trial cannot be one of a pair; empty if it can.
std::string unfit(const TrialRecords& trial, const std::vector<std::string>& needed,
                  const char* where_from) {
  if (!trial.done()) return trial_text(trial) + " is not done";
  for (const std::string& name : needed)
    if (!trial.series(name)) return trial_text(trial) + " has no " + name + where_from;
  return {};
}

// The pairs of each group of trials that differ in seed and kernel only. Groups without either
// kernel are left out, unless there is no other.
std::vector<Pairs> pairs_of(const Trials& trials, const std::vector<std::string>& needed,
                            const char* where_from) {
  std::vector<Pairs> out;
  const std::string kernel = "model.attention.kernel.plugin";
  for (const Trials& group : groups_that_differ_in(trials, {"seed", kernel})) {
    Pairs found;
    std::map<double, Pair> by_seed;
    for (const TrialRecords* trial : group) {
      const std::string name = setting(*trial, kernel);
      if (name != "gaussian" && name != "softmax") continue;
      Pair& pair = by_seed[number_setting(*trial, "seed", 0)];
      (name == "gaussian" ? pair.gaussian : pair.softmax) = trial;
      found.trials.push_back(trial);
      if (found.why_not.empty()) found.why_not = unfit(*trial, needed, where_from);
    }
    if (by_seed.empty()) continue;
    for (const auto& [_, pair] : by_seed)
      if (pair.gaussian && pair.softmax) found.pairs.push_back(pair);
    found.too_few = found.why_not.empty() && found.pairs.size() < least_pairs;
    if (found.too_few)
      found.why_not = text_of(
          "it needs three seeds or more with both softmax and gaussian, there "
          "are %zu",
          found.pairs.size());
    out.push_back(std::move(found));
  }
  if (out.empty()) out.push_back({trials, {}, "no trial has the kernel softmax or gaussian", true});
  return out;
}

// Means of 10000 resamples of the pairs, ascending; a fixed seed, so always the same.
std::vector<double> bootstrap_means(const std::vector<double>& differences) {
  constexpr std::uint64_t n_resamples = 10000, seed = 1;
  const std::size_t n = differences.size();
  std::vector<double> means;
  for (std::uint64_t b = 0; b < n_resamples; ++b) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
      sum += differences[static_cast<std::size_t>(random_uniform(seed, b, i) *
                                                  static_cast<double>(n))];
    means.push_back(sum / static_cast<double>(n));
  }
  std::ranges::sort(means);
  return means;
}

// s(0) = loss(0), s(t) = d s(t') + (1 - d) loss(t), d = 0.98^(t - t') for records t' and t.
std::vector<double> smoothed_loss(const TrialRecords& trial) {
  std::vector<double> s = trial.series("loss")->values;
  const auto steps = trial.scale("record");
  for (std::size_t r = 1; r < s.size(); ++r) {
    const double decay = std::pow(0.98, steps[r] - steps[r - 1]);
    s[r] = decay * s[r - 1] + (1 - decay) * s[r];
  }
  return s;
}

struct Arrival {
  double step = 0;  // one record behind the last if it was not reached
  bool reached = false;
};
Arrival arrival(const TrialRecords& trial, double target) {
  const std::vector<double> s = smoothed_loss(trial), steps = trial.scale("record");
  const auto first = std::ranges::find_if(s, [&](double loss) { return loss <= target; });
  if (first != s.end()) return {steps[static_cast<std::size_t>(first - s.begin())], true};
  const std::size_t n = steps.size();
  return {2 * steps[n - 1] - steps[n - 2], false};
}
std::string step_text(const Arrival& a) {
  return a.reached ? text_of("%g", a.step) : std::string("not reached");
}

Finding why_not(const Pairs& group, double bound) {
  const std::string name = trials_text(group.trials);
  return group.too_few ? too_few_trials(name, bound, group.why_not)
                       : cannot_judge(name, bound, group.why_not);
}

Finding faster_on(const Pairs& group) {
  constexpr double most = 0.05;
  const std::string name = trials_text(group.trials);
  if (!group.why_not.empty()) return why_not(group, most);
  if (group.pairs.front().softmax->scale("record").size() < 10)
    return cannot_judge(name, most, "the loss needs ten records or more (record.metrics)");
  std::vector<double> ends, differences;
  for (const Pair& pair : group.pairs) ends.push_back(smoothed_loss(*pair.softmax).back());
  const double target = median(ends);
  std::string steps;
  for (const Pair& pair : group.pairs) {
    const Arrival a = arrival(*pair.gaussian, target), b = arrival(*pair.softmax, target);
    differences.push_back(a.step - b.step);
    steps += "; seed " + seed_of(*pair.gaussian) + ": " + step_text(a) + ", " + step_text(b);
  }
  const auto means = bootstrap_means(differences);
  const auto not_below = std::ranges::count_if(means, [](double mean) { return mean >= 0; });
  const double p = static_cast<double>(not_below) / static_cast<double>(means.size());
  return {name, p < most, p, most,
          text_of("steps of gaussian, softmax to the smoothed loss %.4f (the median of softmax's "
                  "last)",
                  target) +
              steps + text_of("; p = %.4f", p)};
}

Finding more_accurate_on(const Pairs& group) {
  const std::string name = trials_text(group.trials);
  if (!group.why_not.empty()) return why_not(group, 0);
  constexpr Index n_last = 5;
  std::vector<double> differences;
  std::string listed;
  for (const Pair& pair : group.pairs) {
    double means[2] = {};
    for (const bool of_gaussian : {true, false}) {
      const auto accuracy =
          *(of_gaussian ? pair.gaussian : pair.softmax)->series("validation_accuracy");
      if (accuracy.rows() < n_last + 1)
        return cannot_judge(name, 0, "it needs five evaluations after the start (record.metrics)");
      means[of_gaussian ? 0 : 1] =
          std::accumulate(accuracy.values.end() - n_last, accuracy.values.end(), 0.0) / n_last;
    }
    differences.push_back(means[0] - means[1]);
    listed += text_of("; seed %s: %.4f, %.4f", seed_of(*pair.gaussian).c_str(), means[0], means[1]);
  }
  const auto resampled = bootstrap_means(differences);
  const double low = resampled[resampled.size() / 40],
               high = resampled[resampled.size() - 1 - resampled.size() / 40];
  return {
      name, low > 0, low, 0,
      text_of("validation accuracy of gaussian above softmax in [%.4f, %.4f] (95 %%)", low, high) +
          listed};
}

// One number of the slices of both trials, least to most difference over seeds.
Finding smoother_on(const Pairs& group, const std::string& number, const char* words) {
  const std::string name = trials_text(group.trials);
  if (!group.why_not.empty()) return why_not(group, 0);
  double most = -std::numeric_limits<double>::infinity();
  std::string listed;
  for (const Pair& pair : group.pairs) {
    if (pair.gaussian->series("landscape_alpha")->values !=
        pair.softmax->series("landscape_alpha")->values)
      return cannot_judge(name, 0,
                          "the slices of seed " + seed_of(*pair.softmax) +
                              " have other points (--points, --range)");
    const double of_gaussian = pair.gaussian->series(number)->at(0),
                 of_softmax = pair.softmax->series(number)->at(0);
    if (std::isnan(of_gaussian) || std::isnan(of_softmax))
      return cannot_judge(name, 0, "a slice of seed " + seed_of(*pair.softmax) + " is flat");
    most = std::max(most, of_gaussian - of_softmax);
    listed +=
        text_of("; seed %s: %.4g, %.4g", seed_of(*pair.softmax).c_str(), of_gaussian, of_softmax);
  }
  return {name, most <= 0, most, 0,
          std::string(words) + " of the slices of gaussian, softmax" + listed};
}

std::vector<Finding> faster(const Trials& trials) {
  std::vector<Finding> out;
  for (const Pairs& group : pairs_of(trials, {"loss"}, "")) out.push_back(faster_on(group));
  return out;
}
std::vector<Finding> more_accurate(const Trials& trials) {
  std::vector<Finding> out;
  for (const Pairs& group : pairs_of(trials, {"validation_accuracy"}, ""))
    out.push_back(more_accurate_on(group));
  return out;
}
std::vector<Finding> smoother(const Trials& trials, const std::string& number, const char* words) {
  std::vector<Finding> out;
  const char* const where_from = ", `attnlab landscape` and then `attnlab check` give it";
  for (const Pairs& group : pairs_of(trials, {number, "landscape_alpha"}, where_from))
    out.push_back(smoother_on(group, number, words));
  return out;
}
std::vector<Finding> less_rough(const Trials& trials) {
  return smoother(trials, "landscape_roughness", "roughness");
}
std::vector<Finding> fewer_minima(const Trials& trials) {
  return smoother(trials, "landscape_minima", "local minima");
}
std::vector<Finding> less_negative_curvature(const Trials& trials) {
  return smoother(trials, "landscape_negative_curvature_share", "share of negative curvature");
}

}  // namespace

std::vector<Claim> lra_claims() {
  const std::string paper = "Song et al. 2024, ";
  return {
      {"lra_faster", paper + "Figures 2 and 3 (the test is ours)",
       "On real tasks the loss of the Gaussian kernel falls faster than that of softmax.",
       "p < 0.05, one-sided bootstrap over three seeds or more, of gaussian's steps to softmax's "
       "last loss (median over seeds) not being fewer than softmax's; losses are moving averages, "
       "0.98 a step",
       faster},
      {"lra_more_accurate", paper + "Figures 2 and 3 (the test is ours)",
       "On real tasks the Gaussian kernel ends more accurate than softmax.",
       "lower end > 0, of the 95 % bootstrap interval over three seeds or more of the difference "
       "in validation accuracy, mean of the last five evaluations",
       more_accurate},
      {"lra_less_rough", paper + "Figure 4 (the measure is ours)",
       "The loss surface of the Gaussian kernel is smoother than that of softmax.",
       "roughness of gaussian's slice <= that of softmax's in three seeds or more", less_rough},
      {"lra_fewer_minima", paper + "Figure 4 (the measure is ours)",
       "The loss surface of the Gaussian kernel has no more local minima than that of softmax.",
       "strict minima among 8 neighbours in gaussian's slice <= those in softmax's in three seeds "
       "or more",
       fewer_minima},
      {"lra_less_negative_curvature", paper + "Figure 4 (the measure is ours)",
       "The loss surface of the Gaussian kernel is curved downwards in fewer places.",
       "share of negative curvature in gaussian's slice <= that in softmax's in three seeds or "
       "more",
       less_negative_curvature}};
}

}  // namespace attnlab

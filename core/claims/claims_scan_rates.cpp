// claims_scan_rates.cpp: statements of Tian et al. 2023 on learning rates, over sweeps. Predicates
// and tolerances: papers/b_scan_and_snap 5.3 P9, 5.5.
#include <algorithm>
#include <cmath>
#include <map>

#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

struct Point {
  double rate = 0, value = 0;
};

// Means over seeds of value(trial) against rate(trial), ascending in the rate.
template <class Rate, class Value>
std::vector<Point> points_of(const Trials& group, Rate rate, Value value) {
  std::map<double, std::pair<double, Index>> sums;
  for (const TrialRecords* trial : group) {
    if (!has_scan_series(*trial)) continue;
    const ScanTrial t(*trial);
    const double y = value(*trial, t);
    if (std::isnan(y)) continue;
    auto& sum = sums[rate(t)];
    sum.first += y;
    ++sum.second;
  }
  std::vector<Point> out;
  for (const auto& [x, sum] : sums) out.push_back({x, sum.first / static_cast<double>(sum.second)});
  return out;
}

std::string listed(const std::vector<Point>& points) {
  std::string text;
  for (const Point& p : points)
    text += (text.empty() ? "" : ", ") + text_of("%.4g at %g", p.value, p.rate);
  return text;
}

// Trials that share the rate `fixed`, and all settings but the rates and the seed.
template <class Rate>
std::vector<Trials> at_equal(const Trials& trials, Rate fixed) {
  std::vector<Trials> out;
  for (const Trials& group : groups_that_differ_in(trials, {"seed", "optimizer.learning_rate"})) {
    std::map<double, Trials> by_rate;
    for (const TrialRecords* trial : group)
      if (has_scan_series(*trial)) by_rate[fixed(ScanTrial(*trial))].push_back(trial);
    for (auto& [rate, members] : by_rate) out.push_back(std::move(members));
  }
  if (out.empty()) out.push_back(trials);
  return out;
}

// One finding: does value strictly go up (sign 1) or down (-1) along the rates?
Finding trend(const Trials& group, const std::vector<Point>& points, double sign,
              const char* what) {
  if (points.size() < 2)
    return too_few_trials(trials_text(group), 0, "the sweep needs two learning rates at least");
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < points.size(); ++i)
    least = std::min(least, sign * (points[i].value - points[i - 1].value));
  return {trials_text(group), least > 0, least, 0, std::string(what) + ": " + listed(points)};
}

double rate_Y(const ScanTrial& t) { return t.rate_Y; }
double rate_Z(const ScanTrial& t) { return t.rate_Z; }
double ratio(const ScanTrial& t) { return t.rate_Y / t.rate_Z; }

std::vector<Finding> winner_falls_with_decoder_rate(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : at_equal(trials, rate_Z)) {
    const auto points = points_of(group, rate_Y, [](const TrialRecords& trial, const ScanTrial&) {
      const auto B = trial.series("scan_B");
      return B ? B->at(B->rows() - 1, 0) : not_measured;
    });
    out.push_back(trend(group, points, -1, "B at the end by eta_Y"));
  }
  return out;
}

std::vector<Finding> common_mass_rises_with_decoder_rate(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : at_equal(trials, rate_Z)) {
    const auto points = points_of(group, rate_Y, [](const TrialRecords&, const ScanTrial& t) {
      return t.mean_common(t.last());
    });
    out.push_back(trend(group, points, 1, "mass on common tokens at the end by eta_Y"));
  }
  return out;
}

std::vector<Finding> entropy_falls_with_rates(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : at_equal(trials, ratio)) {
    const auto points = points_of(group, rate_Z, [](const TrialRecords&, const ScanTrial& t) {
      return t.mean_entropy(t.last());
    });
    out.push_back(trend(group, points, -1, "entropy of distinct tokens by eta_Z, equal ratio"));
  }
  return out;
}

std::vector<Finding> entropy_rises_with_ratio(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : at_equal(trials, rate_Z)) {
    auto points = points_of(group, ratio, [](const TrialRecords&, const ScanTrial& t) {
      return t.mean_entropy(t.last());
    });
    std::erase_if(points, [](const Point& p) { return p.rate < 2; });
    out.push_back(trend(group, points, 1, "entropy of distinct tokens by eta_Y / eta_Z >= 2"));
  }
  return out;
}

struct Window {
  double low, high;
  bool holds(double x) const { return x >= low && x <= high; }
};

// Do these times go as 1/eta_Y: the slope of their logarithms within `slope`, each over its t0
// within `share`, and every faster decoder earlier?
template <class Time>
std::vector<Finding> comes_as_inverse_rate(const Trials& trials, double bound, Window slope,
                                           Window share, const char* what, Time time) {
  std::vector<Finding> out;
  for (const Trials& group : at_equal(trials, rate_Z)) {
    const auto points = points_of(group, rate_Y, time);
    if (points.size() < 3) {
      out.push_back(too_few_trials(trials_text(group), bound, "the sweep needs three rates eta_Y"));
      continue;
    }
    std::vector<double> x, y;
    for (const Point& p : points) x.push_back(std::log(p.rate)), y.push_back(std::log(p.value));
    const double measured = fit_line(x, y).slope;
    const auto shares = points_of(
        group, rate_Y,
        [&](const TrialRecords& trial, const ScanTrial& t) { return time(trial, t) / t.t0; });
    const auto [least, most] = std::ranges::minmax(shares, {}, &Point::value);
    bool falls = true;
    for (std::size_t i = 1; i < points.size(); ++i)
      falls = falls && points[i].value < points[i - 1].value;
    const bool holds =
        slope.holds(measured) && share.holds(least.value) && share.holds(most.value) && falls;
    out.push_back({trials_text(group), holds, measured, bound,
                   text_of("slope of log %s against log eta_Y in [%g, %g]; %s/t0 = %.3g to %.3g, "
                           "in [%g, %g]; %s ",
                           what, slope.low, slope.high, what, least.value, most.value, share.low,
                           share.high, what) +
                       listed(points) + (falls ? "" : "; it does not fall everywhere")});
  }
  return out;
}

// First time at which the mean error of the decoder is below 1/2.
std::vector<Finding> transition_time(const Trials& trials) {
  return comes_as_inverse_rate(trials, -1, {-1.05, -0.9}, {0.6, 1.1}, "t_half",
                               [](const TrialRecords& trial, const ScanTrial& t) {
                                 const auto error = trial.series("decoder_error");
                                 for (Index s = 1; error && s < error->rows(); ++s)
                                   if (error->at(s, 0) < 0.5)
                                     return t.time[static_cast<std::size_t>(s)];
                                 return not_measured;
                               });
}

// The middle of the two records between which attention moves fastest.
std::vector<Finding> fastest_attention_time(const Trials& trials) {
  return comes_as_inverse_rate(
      trials, -1, {-1.1, -0.65}, {0.1, 3}, "t_v", [](const TrialRecords&, const ScanTrial& t) {
        double most = 0, at = not_measured;
        for (Index s = 1; s < t.c.rows(); ++s) {
          const auto i = static_cast<std::size_t>(s);
          const double speed = t.moved(s, s - 1) / (t.time[i] - t.time[i - 1]);
          if (!(speed > most)) continue;
          most = speed;
          at = (t.time[i] + t.time[i - 1]) / 2;
        }
        return at;
      });
}

}  // namespace

std::vector<Claim> scan_rate_claims() {
  const std::string paper = "Tian et al. 2023, ";
  std::vector<Claim> out = {
      {"transition_time", paper + "phase transition at t0 = 2 K ln M / eta_Y",
       "The decoder's transition comes as 1/eta_Y.",
       "t_half: first 1 - alpha < 1/2; slope of log t_half against log eta_Y in [-1.05, -0.9], "
       "t_half/t0 in [0.6, 1.1], strictly falling",
       transition_time},
      {"fastest_attention_time", paper + "phase transition at t0 = 2 K ln M / eta_Y",
       "Attention moves fastest at a time that falls about as 1/eta_Y.",
       "t_v: largest sum of |dc/dt|; slope of log t_v against log eta_Y in [-1.1, -0.65], "
       "t_v/t0 in [0.1, 3], strictly falling",
       fastest_attention_time},
      {"rate_symmetry", "Tian et al. 2023, equations of the coupled flow",
       "To scale both learning rates is to scale time, and nothing else.",
       "max over records of |c(t; s eta_Y, s eta_Z) - c(s t; eta_Y, eta_Z)| < 1e-8", rate_symmetry},
      {"winner_falls_with_decoder_rate", paper + "Theorem 4 and section 5",
       "At a fixed eta_Z a faster decoder leaves the winner less logit.",
       "B at the end strictly falls with eta_Y", winner_falls_with_decoder_rate},
      {"common_mass_rises_with_decoder_rate", paper + "Figure 4",
       "At a fixed eta_Z a faster decoder leaves attention denser.",
       "mass on common tokens at the end strictly rises with eta_Y",
       common_mass_rises_with_decoder_rate},
      {"entropy_falls_with_rates", paper + "Figure 6",
       "At a fixed ratio larger learning rates make attention sparser.",
       "mean entropy of distinct tokens strictly falls with eta_Z", entropy_falls_with_rates},
      {"entropy_rises_with_ratio", paper + "Figure 6",
       "At a fixed eta_Z a larger ratio eta_Y / eta_Z makes attention denser.",
       "mean entropy of distinct tokens strictly rises with the ratio from 2 on",
       entropy_rises_with_ratio}};
  for (Claim& claim : out) claim.outside = outside_scan;
  return out;
}

}  // namespace attnlab

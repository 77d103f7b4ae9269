// claims_scan.cpp: statements of Tian et al. 2023 ("Scan and Snap") on the start and the
// directions. Predicates and tolerances: papers/b_scan_and_snap 5.1, 5.2.
#include <algorithm>
#include <cmath>

#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

std::vector<Finding> uniform_start(const Trials& trials) {
  return for_each_scan(trials, 1e-12, [](const TrialRecords&, const ScanTrial& t) {
    double worst = 0;
    for (Index n = 0; n < t.classes; ++n)
      for (Index e = 0; e < t.width; ++e)
        worst = std::max(worst, std::abs(t.attention(0, n, e) - t.p[static_cast<std::size_t>(e)]));
    return Finding{"", worst <= 1e-12, worst, 1e-12,
                   text_of("c differs from P by at most %.2g at the start", worst)};
  });
}

// Extreme speed of the logits over all records after the start, and where.
double extreme_speed(const TrialRecords& trial, const ScanTrial& t, Index from, Index to,
                     double sign) {
  const RecordedArray speed = *trial.series("class_logit_speed");
  double worst = std::numeric_limits<double>::infinity();
  for (Index s = 1; s < speed.rows(); ++s)
    for (Index n = 0; n < t.classes; ++n)
      for (Index e = from; e < to; ++e)
        worst = std::min(worst, sign * speed.at(s, n * t.width + e));
  return sign * worst;
}

std::vector<Finding> distinct_gain(const Trials& trials) {
  return for_each_scan(trials, 0,
                       [](const TrialRecords& trial, const ScanTrial& t) {
                         if (t.level == Level::sampled) return endless_only(0);
                         const double least = extreme_speed(trial, t, t.shared, t.width, 1);
                         return Finding{
                             "", least > 0, least, 0,
                             text_of("the slowest logit of a distinct token moves at %.3g", least)};
                       },
                       {"class_logit_speed"});
}

std::vector<Finding> common_loss(const Trials& trials) {
  return for_each_scan(trials, 0,
                       [](const TrialRecords& trial, const ScanTrial& t) {
                         if (t.level == Level::sampled) return endless_only(0);
                         if (t.shared == 0)
                           return cannot_judge("", 0, "there are no common tokens");
                         const double most = extreme_speed(trial, t, 0, t.shared, -1);
                         return Finding{
                             "", most < 0, most, 0,
                             text_of("the fastest logit of a common token moves at %.3g", most)};
                       },
                       {"class_logit_speed"});
}

// Endless sequences: the mass falls from record to record; sampled: by more than 0.05 in all.
std::vector<Finding> common_mass_falls(const Trials& trials) {
  return for_each_scan(trials, 0, [](const TrialRecords&, const ScanTrial& t) {
    const double fall = t.mean_common(0) - t.mean_common(t.last());
    if (t.level == Level::sampled)
      return Finding{"", fall > 0.05, fall, 0.05,
                     text_of("mass on common tokens from %.4f to %.4f", t.mean_common(0),
                             t.mean_common(t.last()))};
    double least = std::numeric_limits<double>::infinity();
    for (Index s = 1; s < t.c.rows(); ++s)
      least = std::min(least, t.mean_common(s - 1) - t.mean_common(s));
    return Finding{
        "", least > 0, least, 0,
        text_of("mass on common tokens from %.4f to %.4f, least fall between records %.2g",
                t.mean_common(0), t.mean_common(t.last()), least)};
  });
}

// The best distinct token begins beside a common one of equal P.
std::vector<Finding> equal_pair_parts(const Trials& trials) {
  return for_each_scan(trials, 2, [](const TrialRecords&, const ScanTrial& t) {
    if (t.shared == 0) return cannot_judge("", 2, "there are no common tokens");
    double least = std::numeric_limits<double>::infinity(), start = 0;
    for (Index n = 0; n < t.classes; ++n) {
      start = std::max(start, std::abs(t.attention(0, n, t.best()) / t.attention(0, n, 0) - 1));
      least = std::min(least, t.attention(t.last(), n, t.best()) / t.attention(t.last(), n, 0));
    }
    const bool equal = start < (t.level == Level::sampled ? 1e-6 : 1e-9);
    return Finding{"", equal && least > 2, least, 2,
                   text_of("distinct over common of equal frequency: 1%+.1g at first, %.3g at last",
                           start, least)};
  });
}

// Theorem 3: P_l^-2 e^-2z_l - P_l'^-2 e^-2z_l' is constant, i.e. r(t) = r(0) e^{2 (z - z(0))}.
std::vector<Finding> ratio_identity(const Trials& trials) {
  return for_each_scan(trials, 1e-6, [](const TrialRecords&, const ScanTrial& t) {
    if (t.level == Level::sampled) return endless_only(1e-6);
    double worst = 0;
    const double ten =
        t.level == Level::theory ? std::numeric_limits<double>::infinity() : 10 * t.t0;
    for (Index s = 0; s < t.c.rows() && t.time[static_cast<std::size_t>(s)] <= ten; ++s) {
      for (Index n = 0; n < t.classes; ++n) {
        for (Index e = t.shared; e < t.best(); ++e) {
          const auto r = [&](Index at) {
            return std::pow(t.attention(at, n, t.best()) / t.attention(at, n, e), 2) - 1;
          };
          const double said =
              r(0) * std::exp(2 * (t.logit(s, n, t.best()) - t.logit(0, n, t.best())));
          worst = std::max(worst, std::abs(r(s) / said - 1));
        }
      }
    }
    const double bound = t.level == Level::theory ? 1e-6 : 0.2;
    return Finding{
        "", worst < bound, worst, bound,
        text_of("the ratio of distinct tokens differs from the identity by at most %.2g", worst)};
  });
}

// Do all logits start at zero, and those of common tokens never rise?
bool common_fall_from_zero(const ScanTrial& t) {
  for (Index s = 0; s < t.z.rows(); ++s) {
    for (Index n = 0; n < t.classes; ++n) {
      for (Index e = 0; e < t.width; ++e) {
        if (s == 0 && t.logit(s, n, e) != 0) return false;
        if (s > 0 && e < t.shared && t.logit(s, n, e) > t.logit(s - 1, n, e)) return false;
      }
    }
  }
  return true;
}

// Theorem 3: f_nl0(0)^2 B_n <= z_ml0 <= B_n with the slaved decoder.
std::vector<Finding> logit_between_bounds(const Trials& trials) {
  return for_each_scan(
      trials, 1e-9,
      [](const TrialRecords& trial, const ScanTrial& t) {
        if (!common_fall_from_zero(t))
          return cannot_judge("", 1e-9,
                              "stated for Z = 0 at the start and common tokens that fall");
        const RecordedArray B = *trial.series("scan_B");
        double worst = -std::numeric_limits<double>::infinity();
        for (Index n = 0; n < t.classes; ++n) {
          double norm = 0;
          for (Index e = 0; e < t.width; ++e) norm += std::pow(t.attention(0, n, e), 2);
          const double f2 = std::pow(t.attention(0, n, t.best()), 2) / norm;
          for (Index s = 0; s < t.c.rows(); ++s) {
            const double z = t.logit(s, n, t.best());
            worst = std::max({worst, f2 * B.at(s, n) - z, z - B.at(s, n)});
          }
        }
        return Finding{"", worst <= 1e-9, worst, 1e-9,
                       text_of("z_ml0 leaves [f(0)^2 B, B] by at most %.2g", worst)};
      },
      {"scan_B"});
}

}  // namespace

std::vector<Claim> scan_claims() {
  const std::string paper = "Tian et al. 2023, ";
  std::vector<Claim> out = {
      {"uniform_start", paper + "section 4", "Attention starts uniform over positions.",
       "max over l, n of |c_{l|n}(0) - P(l|n)| <= 1e-12", uniform_start},
      {"distinct_gain", paper + "Theorem 2a", "Every distinct token gains attention logit.",
       "min over t > 0 and distinct l of dz_ml/dt > 0", distinct_gain},
      {"common_loss", paper + "Theorem 2b, Corollary 2",
       "Every common token loses attention logit.", "max over t > 0 and common l of dz_ml/dt < 0",
       common_loss},
      {"common_mass_falls", paper + "Theorem 2", "Attention leaves the common tokens.",
       "mass on common tokens falls between all records; sampled: by more than 0.05 in all",
       common_mass_falls},
      {"equal_pair_parts", paper + "discriminative bias",
       "A distinct token leaves a common one of the same frequency behind.",
       "c_{l0|n} / c_{common|n} is 1 at first and above 2 at last", equal_pair_parts},
      {"ratio_identity", paper + "Theorem 3",
       "Relative gain follows the logit of the winner exactly.",
       "|r(t) / (r(0) e^{2 dz}) - 1| < 1e-6 with the slaved decoder, < 0.2 up to 10 t0 otherwise",
       ratio_identity},
      {"logit_between_bounds", paper + "Theorem 3",
       "The winner's logit lies between f(0)^2 B and B.", "max of the excess <= 1e-9",
       logit_between_bounds}};
  for (Claim& claim : out) claim.outside = outside_scan;
  for (Claim& claim : scan_order_claims()) out.push_back(std::move(claim));
  return out;
}

}  // namespace attnlab

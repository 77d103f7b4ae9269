// claims_scan.cpp: statements of Tian et al. 2023 ("Scan and Snap") on the start, the directions
// and the order of the scan. Predicates and tolerances: papers/b_scan_and_snap 5.1, 5.2.
#include <algorithm>
#include <cmath>

#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

using Judged = Finding (*)(const TrialRecords&, const ScanTrial&);

std::vector<Finding> each(const Trials& trials, double bound, Judged judge,
                          std::vector<std::string> more = {}) {
  std::vector<std::string> needed = scan_series;
  needed.insert(needed.end(), more.begin(), more.end());
  return for_each_trial(trials, needed, bound, [judge](const TrialRecords& trial) {
    return judge(trial, ScanTrial(trial));
  });
}

std::vector<Finding> uniform_start(const Trials& trials) {
  return each(trials, 1e-12, [](const TrialRecords&, const ScanTrial& t) {
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
  return each(trials, 0,
              [](const TrialRecords& trial, const ScanTrial& t) {
                if (t.level == Level::sampled)
                  return cannot_judge("", 0, "exact for endless sequences only (population: true)");
                const double least = extreme_speed(trial, t, t.shared, t.width, 1);
                return Finding{
                    "", least > 0, least, 0,
                    text_of("the slowest logit of a distinct token moves at %.3g", least)};
              },
              {"class_logit_speed"});
}

std::vector<Finding> common_loss(const Trials& trials) {
  return each(trials, 0,
              [](const TrialRecords& trial, const ScanTrial& t) {
                if (t.level == Level::sampled)
                  return cannot_judge("", 0, "exact for endless sequences only (population: true)");
                if (t.shared == 0) return cannot_judge("", 0, "there are no common tokens");
                const double most = extreme_speed(trial, t, 0, t.shared, -1);
                return Finding{"", most < 0, most, 0,
                               text_of("the fastest logit of a common token moves at %.3g", most)};
              },
              {"class_logit_speed"});
}

// Endless sequences: the mass falls from record to record; sampled: by more than 0.05 in all.
std::vector<Finding> common_mass_falls(const Trials& trials) {
  return each(trials, 0, [](const TrialRecords&, const ScanTrial& t) {
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
  return each(trials, 2, [](const TrialRecords&, const ScanTrial& t) {
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

// Share of neighbours in P that stand in order in c, over all records after the start.
std::vector<Finding> frequency_order(const Trials& trials) {
  return each(trials, 1, [](const TrialRecords&, const ScanTrial& t) {
    Index right = 0, all = 0;
    for (Index s = 1; s < t.c.rows(); ++s) {
      for (Index n = 0; n < t.classes; ++n) {
        for (Index e = t.shared + 1; e < t.width; ++e, ++all)
          right += t.attention(s, n, e) > t.attention(s, n, e - 1) ? 1 : 0;
      }
    }
    if (all == 0) return cannot_judge("", 1, "there are no two distinct tokens to compare");
    const double share = static_cast<double>(right) / static_cast<double>(all);
    const double bound = t.level == Level::sampled ? 0.98 : 1;
    return Finding{"", share >= bound, share, bound,
                   text_of("%.4f of the pairs of distinct tokens stand in the order of their "
                           "frequencies",
                           share)};
  });
}

std::vector<Finding> ratio_only_falls(const Trials& trials) {
  return each(trials, 1e-9, [](const TrialRecords&, const ScanTrial& t) {
    double worst = -std::numeric_limits<double>::infinity();
    const double end =
        t.level == Level::theory ? std::numeric_limits<double>::infinity() : 3 * t.t0;
    for (Index s = 1; s < t.c.rows(); ++s) {
      if (t.time[static_cast<std::size_t>(s)] > end) break;
      for (Index n = 0; n < t.classes; ++n)
        for (Index e = t.shared; e < t.best(); ++e)
          worst = std::max(worst, t.attention(s, n, e) / t.attention(s, n, t.best()) -
                                      t.attention(s - 1, n, e) / t.attention(s - 1, n, t.best()));
    }
    return Finding{"", worst <= 1e-9, worst, 1e-9,
                   text_of("c_l / c_l0 rose by at most %.2g between records%s", worst,
                           t.level == Level::theory ? "" : " up to 3 t0")};
  });
}

// Drop times tau_l of c_l / c_l0 below 0.9 of its start do not fall with P.
std::vector<Finding> scan_order(const Trials& trials) {
  return each(trials, 0, [](const TrialRecords&, const ScanTrial& t) {
    const double never = std::numeric_limits<double>::infinity();
    double worst = never;
    Index dropped = 0;
    for (Index n = 0; n < t.classes; ++n) {
      double before = -never;
      for (Index e = t.shared; e < t.best(); ++e) {
        const double start = t.attention(0, n, e) / t.attention(0, n, t.best());
        double tau = never;
        for (Index s = 1; s < t.c.rows() && tau == never; ++s)
          if (t.attention(s, n, e) / t.attention(s, n, t.best()) < 0.9 * start)
            tau = t.time[static_cast<std::size_t>(s)];
        if (tau == never) continue;
        ++dropped;
        if (before > -never) worst = std::min(worst, tau - before);
        before = tau;
      }
    }
    if (dropped < 2) return cannot_judge("", 0, "fewer than two tokens dropped out");
    return Finding{"", worst >= 0, worst, 0,
                   text_of("%td tokens dropped out; a more frequent one never earlier than by %.3g",
                           dropped, worst)};
  });
}

// Theorem 3: P_l^-2 e^-2z_l - P_l'^-2 e^-2z_l' is constant, i.e. r(t) = r(0) e^{2 (z - z(0))}.
std::vector<Finding> ratio_identity(const Trials& trials) {
  return each(trials, 1e-6, [](const TrialRecords&, const ScanTrial& t) {
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

// Theorem 3: f_nl0(0)^2 B_n <= z_ml0 <= B_n with the slaved decoder.
std::vector<Finding> logit_between_bounds(const Trials& trials) {
  return each(trials, 1e-9,
              [](const TrialRecords& trial, const ScanTrial& t) {
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
  return {
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
      {"frequency_order", paper + "frequency bias",
       "Among distinct tokens attention keeps the order of their frequencies.",
       "share of neighbouring pairs in order over all records: 1 (sampled: 0.98)", frequency_order},
      {"ratio_only_falls", paper + "Theorem 3",
       "The winner pulls ahead of every other distinct token.",
       "c_l / c_l0 never rises by more than 1e-9 (coupled flow: up to 3 t0)", ratio_only_falls},
      {"scan_order", paper + "scanning", "Rare distinct tokens drop out first.",
       "times at which c_l / c_l0 falls below 0.9 of its start do not fall with P", scan_order},
      {"ratio_identity", paper + "Theorem 3",
       "Relative gain follows the logit of the winner exactly.",
       "|r(t) / (r(0) e^{2 dz}) - 1| < 1e-6 with the slaved decoder, < 0.2 up to 10 t0 otherwise",
       ratio_identity},
      {"logit_between_bounds", paper + "Theorem 3",
       "The winner's logit lies between f(0)^2 B and B.", "max of the excess <= 1e-9",
       logit_between_bounds}};
}

}  // namespace attnlab

// claims_scan_order.cpp: statements of Tian et al. 2023 ("Scan and Snap") on the order in which
// distinct tokens gain and drop out. Predicates and tolerances: papers/b_scan_and_snap 5.2.
#include <algorithm>
#include <cmath>

#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"

namespace attnlab {
namespace {

// Share of neighbours in P that stand in order in c, over all records after the start; NaN without
// any.
double share_in_order(const ScanTrial& t) {
  Index right = 0, all = 0;
  for (Index s = 1; s < t.c.rows(); ++s) {
    for (Index n = 0; n < t.classes; ++n) {
      for (Index e = t.shared + 1; e < t.width; ++e, ++all)
        right += t.attention(s, n, e) > t.attention(s, n, e - 1) ? 1 : 0;
    }
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

Finding in_order_always(const TrialRecords&, const ScanTrial& t) {
  const double share = share_in_order(t);
  if (std::isnan(share)) return cannot_judge("", 1, "there are no two distinct tokens to compare");
  return {"", share >= 1, share, 1,
          text_of("%.4f of the pairs of distinct tokens stand in the order of their frequencies",
                  share)};
}

// Drawn sequences: seeds whose pairs are all in order at all records.
Finding in_order_for_seeds(const Trials& group) {
  constexpr double bound = 0.9;
  Index n_ordered = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const TrialRecords* trial : group) {
    if (!has_scan_series(*trial))
      return cannot_judge(trials_text(group), bound,
                          trial_text(*trial) + " is not done or lacks the series of scan_snap");
    const double share = share_in_order(ScanTrial(*trial));
    if (std::isnan(share))
      return cannot_judge(trials_text(group), bound, "there are no two distinct tokens to compare");
    least = std::min(least, share);
    n_ordered += share >= 1 ? 1 : 0;
  }
  const double share = static_cast<double>(n_ordered) / static_cast<double>(group.size());
  return {trials_text(group), share >= bound, share, bound,
          text_of("%td of %zu seeds keep the order of the frequencies at all records, the worst in "
                  "%.4f of the pairs",
                  n_ordered, group.size(), least)};
}

std::vector<Finding> frequency_order(const Trials& trials) {
  Trials endless, drawn;
  for (const TrialRecords* trial : trials)
    (level_of(*trial) == Level::sampled ? drawn : endless).push_back(trial);
  std::vector<Finding> out = for_each_scan(endless, 1, in_order_always);
  for (const Trials& group : groups_that_differ_in(drawn, {"seed"}))
    out.push_back(in_order_for_seeds(group));
  return out;
}

std::vector<Finding> ratio_only_falls(const Trials& trials) {
  return for_each_scan(trials, 1e-9, [](const TrialRecords&, const ScanTrial& t) {
    if (t.level == Level::sampled) return endless_only(1e-9);
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
  return for_each_scan(trials, 0, [](const TrialRecords&, const ScanTrial& t) {
    if (t.level == Level::sampled) return endless_only(0);
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
    if (worst == never) return cannot_judge("", 0, "in no class have two tokens dropped out");
    return Finding{"", worst >= 0, worst, 0,
                   text_of("%td tokens dropped out; a more frequent one never earlier than by %.3g",
                           dropped, worst)};
  });
}

// With the slaved decoder tokens reach their largest c_l in the order of P.
std::vector<Finding> peak_order(const Trials& trials) {
  return for_each_scan(trials, 0, [](const TrialRecords&, const ScanTrial& t) {
    if (t.level != Level::theory)
      return cannot_judge("", 0, "stated for the slaved decoder only (slaved_decoder)");
    if (t.unique < 2) return cannot_judge("", 0, "there are no two distinct tokens to compare");
    double worst = std::numeric_limits<double>::infinity();
    for (Index n = 0; n < t.classes; ++n) {
      double before = -worst;
      for (Index e = t.shared; e < t.width; ++e) {
        Index peak = 0;
        for (Index s = 1; s < t.c.rows(); ++s)
          if (t.attention(s, n, e) > t.attention(peak, n, e)) peak = s;
        const double at = t.time[static_cast<std::size_t>(peak)];
        if (e > t.shared) worst = std::min(worst, at - before);
        before = at;
      }
    }
    return Finding{
        "", worst >= 0, worst, 0,
        text_of("the next more frequent token has its peak later by %.3g at least", worst)};
  });
}

}  // namespace

std::vector<Claim> scan_order_claims() {
  const std::string paper = "Tian et al. 2023, ";
  std::vector<Claim> out = {
      {"frequency_order", paper + "frequency bias",
       "Among distinct tokens attention keeps the order of their frequencies.",
       "all neighbouring pairs in order at all records (sampled: for 90 % of the seeds)",
       frequency_order},
      {"ratio_only_falls", paper + "Theorem 3",
       "The winner pulls ahead of every other distinct token.",
       "c_l / c_l0 never rises by more than 1e-9 (coupled flow: up to 3 t0)", ratio_only_falls},
      {"scan_order", paper + "scanning", "Rare distinct tokens drop out first.",
       "times at which c_l / c_l0 falls below 0.9 of its start do not fall with P", scan_order},
      {"peak_order", paper + "scanning", "Every distinct token has its day, the rarest first.",
       "times of the largest c_l of the distinct tokens do not fall with P (slaved decoder)",
       peak_order}};
  for (Claim& claim : out)
    claim.outside = claim.name == "frequency_order" ? outside_scan_order : outside_scan;
  return out;
}

}  // namespace attnlab

// claims_cooccurrence_balance.cpp: the automatic balancing of gradients of Yang et al. 2024 (Lemmas
// 4.4, 4.5, F.1, F.2, F.6), and the limit of its ratio from max-margin duals.
#include <algorithm>
#include <cmath>

#include "claims/cooccurrence_duals.hpp"

namespace attnlab {
namespace {

std::vector<Finding> balanced_gradients(const Trials& trials) {
  constexpr double bound = 0.5;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        double worst = 0;
        for (Index s = c.second; s < c.n; ++s) {
          const double one = c.gs.at(s, 1), other = c.gs.at(s, 2);
          worst = std::max(worst, std::abs(one - other) / std::min(one, other));
        }
        return at_most(worst, bound,
                       "gradient sums of the two groups with one target differ in phase 2 by");
      });
}

std::vector<Finding> gradient_ratio(const Trials& trials) {
  return for_each_course(trials, Needs::second_phase, 3, [](const Course& c, const TrialRecords&) {
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (Index s = c.second; s < c.n; ++s) {
      least = std::min(least, c.ratio(s));
      most = std::max(most, c.ratio(s));
    }
    Finding out =
        at_most(most, 3, text_of("R lies in %.3g .. %.3g in phase 2; its most is", least, most));
    out.holds = out.holds && least >= 1;
    return out;
  });
}

std::vector<Finding> group_order(const Trials& trials) {
  constexpr double bound = 0.95;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        Index n = 0;
        for (Index s = c.second; s < c.n; ++s) {
          const double both = c.gs.at(s, 0), first = c.gs.at(s, 1), second = c.gs.at(s, 2),
                       neither = c.gs.at(s, 3);
          n += neither <= std::min(first, second) && std::max(first, second) <= both &&
                       both <= first + second + neither
                   ? 1
                   : 0;
        }
        return at_least(static_cast<double>(n) / static_cast<double>(c.n - c.second), bound,
                        "share of phase 2 with the gradient sums in order:");
      });
}

std::vector<Finding> bounded_ratio(const Trials& trials) {
  constexpr double bound = 20;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        double worst = 0;
        for (Index s = c.second; s < c.n; ++s)
          for (const Index group : {Index{0}, Index{1}, Index{2}})
            worst = std::max(worst, c.spread.at(s, group));
        return at_most(worst, bound,
                       "largest over smallest gradient within a group, in phase 2, is up to");
      });
}

std::vector<Finding> dual_ratio(const Trials& trials) {
  constexpr double bound = 0.03;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords& trial) {
        const PaperSizes sizes = PaperSizes::of(trial.settings());
        if (!sizes.distinct)
          return cannot_judge("", bound, "the formula is for distinct random tokens");
        const double limit = duals_of(sizes).ratio(), end = c.ratio(c.n - 1);
        return at_most(std::abs(end / limit - 1), bound,
                       text_of("R ends at %.4g, its limit is %.4g; off by", end, limit));
      });
}

}  // namespace

std::vector<Claim> cooccurrence_balance() {
  const std::string by = "Yang et al. 2024, ";
  const auto outside = outside_cooccurrence;
  return {{"balanced_gradients", by + "Lemma 4.4",
           "In phase 2 the gradients of the groups with one target balance by themselves.",
           "|gs_2 - gs_3| / min(gs_2, gs_3) <= 0.5 for t >= T1", balanced_gradients, outside},
          {"gradient_ratio", by + "Lemmas 4.5, F.6",
           "The gradients of the groups stay in a fixed proportion.",
           "R = (gs_2 + gs_3 + gs_4 - gs_1) / (gs_1 - gs_2) in [1, 3] for t >= T1", gradient_ratio,
           outside},
          {"group_order", by + "Definition F.1", "The gradients of the groups keep their order.",
           "gs_4 <= gs_2, gs_3 <= gs_1 <= gs_2 + gs_3 + gs_4 on 95 % of the records from T1",
           group_order, outside},
          {"bounded_ratio", by + "Corollary F.2", "Samples of one group have alike gradients.",
           "max g_i / min g_i <= 20 within I1, I2, I3 for t >= T1", bounded_ratio, outside},
          {"dual_ratio", "follows from the max-margin limit of Yang et al. 2024's model",
           "The proportion of the groups' gradients goes to that of the max-margin duals.",
           "|R(T) / R_inf - 1| <= 0.03", dual_ratio, outside}};
}

}  // namespace attnlab

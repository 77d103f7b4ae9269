// claims_cooccurrence_second.cpp: phase 2 of Yang et al. 2024: the common word overtakes, attention
// aligns, all losses fall (Theorem 3.2, Lemmas 4.3 to 4.7).
#include <algorithm>
#include <cmath>

#include "claims/cooccurrence.hpp"

namespace attnlab {
namespace {

// The share of phase 2 on which all these numbers are positive.
double share_positive(const Course& c, const std::function<double(Index)>& least) {
  Index n = 0;
  for (Index s = c.second; s < c.n; ++s) n += least(s) > 0 ? 1 : 0;
  return static_cast<double>(n) / static_cast<double>(c.n - c.second);
}

std::vector<Finding> sandwich(const Trials& trials) {
  return for_each_course(trials, Needs::second_phase, 0, [](const Course& c, const TrialRecords&) {
    double low = std::numeric_limits<double>::infinity(), up = low;
    for (Index s = c.second; s < c.n; ++s) {
      const double g1 = c.output_rate.at(s, 0), g2 = c.output_rate.at(s, 1),
                   g3 = c.output_rate.at(s, 2);
      low = std::min(low, -g3 / std::max(g1, g2) - 1);
      up = std::min(up, 1 + g3 / (g1 + g2));
    }
    Finding out = at_least(std::min(low, up), 0,
                           text_of("C_low %.3g, C_up %.3g in phase 2; the least is", low, up));
    out.holds = out.measured > 0;
    return out;
  });
}

std::vector<Finding> attention_scores_separate(const Trials& trials) {
  constexpr double bound = 0.99;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        return at_least(share_positive(c,
                                       [&](Index s) {
                                         return std::min({c.rate(s, 2, 1), c.rate(s, 1, 2),
                                                          -c.rate(s, 3, 1), -c.rate(s, 3, 2)});
                                       }),
                        bound, "share of phase 2 with targets rising and the common word falling:");
      });
}

// sqrt(m) L A' / (sigma_0^2 m loss) of the four scores, with their signs in Lemma 4.7.
std::vector<Finding> scores_keep_pace(const Trials& trials) {
  return for_each_course(
      trials, Needs::second_phase, 0, [](const Course& c, const TrialRecords& trial) {
        const auto variance = trial.series("score_weight_variance");
        if (!variance) return cannot_judge("", 0, "score_weight_variance was not recorded");
        const PaperSizes sizes = PaperSizes::of(trial.settings());
        const double scale = sizes.length / (std::sqrt(sizes.width) * variance->at(0));
        double least = std::numeric_limits<double>::infinity(), most = -least;
        for (Index s = c.second; s < c.n; ++s) {
          const double to_loss = scale / c.loss[static_cast<std::size_t>(s)];
          for (const double rate :
               {c.rate(s, 2, 1), c.rate(s, 1, 2), -c.rate(s, 3, 1), -c.rate(s, 3, 2)}) {
            least = std::min(least, rate * to_loss);
            most = std::max(most, rate * to_loss);
          }
        }
        Finding out = at_least(least, 0,
                               text_of("speed of the four scores over sigma_0^2 sqrt(m) / L times "
                                       "the loss is %.3g .. %.3g in phase 2; its least is",
                                       least, most));
        out.holds = out.measured > 0;
        return out;
      });
}

std::vector<Finding> value_products_separate(const Trials& trials) {
  constexpr double bound = 0.99;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        return at_least(
            share_positive(
                c,
                [&](Index s) {
                  const auto& b = c.value_rate;  // 11 12 13 22 23 33
                  return std::min({b.at(s, 0), b.at(s, 1), -b.at(s, 2), b.at(s, 3), -b.at(s, 4)});
                }),
            bound, "share of phase 2 with all five signs:");
      });
}

std::vector<Finding> output_structure(const Trials& trials) {
  constexpr double bound = 10;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        if (c.structured == c.n) {
          const Index s = c.n - 1;
          return Finding{"", false, not_measured, bound,
                         text_of("G = %.3g, %.3g, %.3g at the end: the words alone do not decide",
                                 c.g(s, 0), c.g(s, 1), c.g(s, 2))};
        }
        return at_most(c.time[static_cast<std::size_t>(c.structured)] /
                           c.time[static_cast<std::size_t>(c.second)],
                       bound, "the words alone decided after this many times phase 1:");
      });
}

std::vector<Finding> losses_fall_together(const Trials& trials) {
  return for_each_course(trials, Needs::second_phase, 0, [](const Course& c, const TrialRecords&) {
    double worst = std::numeric_limits<double>::infinity();
    for (Index s = c.second + 1; s < c.n; ++s)
      worst = std::min(worst, c.gain.at(s, 0) / std::abs(c.gain.at(s, 1)));
    Finding out = at_least(
        worst, 0, "between two records of phase 2 a margin grew by this share of the fastest:");
    out.holds = out.measured > 0;
    return out;
  });
}

std::vector<Finding> attention_joins(const Trials& trials) {
  constexpr double bound = 0.01;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        double most = 0;
        for (auto s = static_cast<std::size_t>(c.second); s < c.power.size(); ++s)
          most = std::max(most, c.score_power[s] / c.power[s]);
        return at_least(most, bound, "W_Q and W_K lower the loss by at most this share:");
      });
}

}  // namespace

std::vector<Claim> cooccurrence_second_phase() {
  const std::string by = "Yang et al. 2024, ";
  const auto outside = outside_cooccurrence;
  return {{"sandwich", by + "Lemmas 4.3, 4.5",
           "In phase 2 the common word is faster than each target, slower than both.",
           "-G3' / max(G1', G2') > 1 and -G3' / (G1' + G2') < 1 for t >= T1", sandwich, outside},
          {"attention_scores_separate", by + "Theorem 3.2(1), Lemma 4.7",
           "In phase 2 targets attend more to each other and less to the common word.",
           "A21', A12' > 0 and A31', A32' < 0 (key, query) on 99 % of the records from T1",
           attention_scores_separate, outside},
          {"scores_keep_pace", by + "Lemma 4.7",
           "In phase 2 scores move as fast as the loss allows, and always in their direction.",
           "sqrt(m) L A' / (sigma_0^2 m loss) > 0 of A21, A12, -A31, -A32 at every record from T1",
           scores_keep_pace, outside},
          {"value_products_separate", by + "Theorem 3.2(2), Corollary F.13",
           "In phase 2 the values of the targets align and turn from that of the common word.",
           "B11', B22', B12' > 0, B13', B23' < 0 on 99 % of the records from T1",
           value_products_separate, outside},
          {"output_structure", by + "Theorem 3.2(3, 4)",
           "Soon after phase 1 the three words decide by themselves, without random words.",
           "from T_struct <= 10 T1: G1, G2, -G3, G1+G2+G3, -(G1+G3), -(G2+G3) >= 0.1",
           output_structure, outside},
          {"losses_fall_together", by + "section 4.2",
           "In phase 2 the loss of every training sample falls.",
           "every y F grows from record to record from T1", losses_fall_together, outside},
          {"attention_joins", by + "abstract (the threshold is ours)",
           "In phase 2 attention and MLP lower the loss together.",
           "share of |W_Q'|^2 + |W_K'|^2 in -dL/dt >= 0.01 somewhere in phase 2", attention_joins,
           outside}};
}

}  // namespace attnlab

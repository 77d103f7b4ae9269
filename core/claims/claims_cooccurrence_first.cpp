// claims_cooccurrence_first.cpp: phase 1 of Yang et al. 2024: the MLP learns the words one by one,
// attention stands still (section 3, Theorem 3.1; Figure 1b).
#include <algorithm>
#include <cmath>

#include "claims/cooccurrence.hpp"

namespace attnlab {
namespace {

std::size_t at(Index record) { return static_cast<std::size_t>(record); }

std::vector<Finding> two_phases(const Trials& trials) {
  constexpr double bound = 0.5;
  return for_each_course(trials, Needs::records, bound, [](const Course& c, const TrialRecords&) {
    Finding out{"", false, not_measured, bound, ""};
    const struct {
      Index first;
      const char* what;
    } phases[] = {{c.overtaken, "the common word never became the fastest for good"},
                  {c.classified, "some training sample was wrong at the end"},
                  {c.second, "some margin was below 0.1 at the end"}};
    for (const auto& [first, what] : phases) {
      if (first == c.n) out.sentence = what;
      if (!out.sentence.empty()) return out;
      if (c.time[at(first)] > 0.9 * c.end_time()) {
        out.sentence = "the second phase began in the last tenth of the run";
        return out;
      }
    }
    const double attention = c.phi(c.second) / c.phi(c.n - 1),
                 outputs = c.psi(c.second) / c.psi(c.n - 1);
    out.measured = attention / outputs;
    out.holds = c.phi(c.n - 1) > 0 && out.measured < bound;
    out.sentence = c.phi(c.n - 1) > 0
                       ? text_of(
                             "phase 2 began at time %.4g; until then attention made %.2g of its "
                             "way, the token outputs %.2g",
                             c.time[at(c.second)], attention, outputs)
                       : "attention to the other target did not grow against the common word";
    return out;
  });
}

std::vector<Finding> phase_one_directions(const Trials& trials) {
  constexpr double bound = 0.25;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        const Index s = c.second;
        return at_least(std::min({c.g(s, 0), c.g(s, 1), -c.g(s, 2)}), bound,
                        text_of("G = %.3g, %.3g, %.3g at the end of phase 1; the least is",
                                c.g(s, 0), c.g(s, 1), c.g(s, 2)));
      });
}

std::vector<Finding> classified_early(const Trials& trials) {
  constexpr double bound = 0.01;
  return for_each_course(trials, Needs::records, bound, [](const Course& c, const TrialRecords&) {
    if (c.classified == c.n)
      return Finding{"", false, not_measured, bound, "some training sample was wrong at the end"};
    return at_most(c.time[at(c.classified)] / c.end_time(), bound,
                   "all training samples were right for good after this share of the time:");
  });
}

std::vector<Finding> attention_frozen_first(const Trials& trials) {
  return for_each_course(trials, Needs::second_phase, 0.1,
                         [](const Course& c, const TrialRecords& trial) {
                           const double length = PaperSizes::of(trial.settings()).length;
                           return at_most(c.attention_change[at(c.second)], 0.1 / (length * length),
                                          "until the end of phase 1 an attention weight moved by");
                         });
}

std::vector<Finding> loss_still_high(const Trials& trials) {
  return for_each_course(
      trials, Needs::second_phase, 0.1, [](const Course& c, const TrialRecords&) {
        return at_least(c.loss[at(c.second)], 0.1, "the loss at the end of phase 1 was");
      });
}

std::vector<Finding> neuron_alignment(const Trials& trials) {
  return for_each_trial(trials, {"neuron_alignment_rate"}, 0, [](const TrialRecords& trial) {
    Finding out = at_least(trial.series("neuron_alignment_rate")->at(0), 0,
                           "the neuron that turns slowest to a target does so with speed");
    out.holds = out.measured > 0;
    return out;
  });
}

std::vector<Finding> common_word_slower(const Trials& trials) {
  constexpr double bound = 0.5;
  return for_each_course(trials, Needs::records, bound, [](const Course& c, const TrialRecords&) {
    const double targets = (c.output_rate.at(0, 0) + c.output_rate.at(0, 1)) / 2;
    Finding out = at_most(std::abs(c.output_rate.at(0, 2)) / targets, bound,
                          "speed of the common word over that of the targets at the start:");
    out.holds = out.holds && targets > 0;
    return out;
  });
}

std::vector<Finding> single_target_losses_rise(const Trials& trials) {
  constexpr double bound = 1.005;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        double rise[2] = {1, 1};
        bool falls = true;
        for (Index s = 1; s <= c.second; ++s) {
          falls = falls && c.group_loss.at(s, 0) < c.group_loss.at(s - 1, 0);
          for (const Index k : {Index{1}, Index{2}})
            rise[k - 1] = std::max(rise[k - 1], c.group_loss.at(s, k) / c.group_loss.at(0, k));
        }
        Finding out =
            at_least(std::min(rise[0], rise[1]), bound,
                     text_of("losses with one target rose to %.3g and %.3g of their start "
                             "in phase 1; the smaller is",
                             rise[0], rise[1]));
        out.holds = out.holds && falls;
        if (!falls) out.sentence += "; the loss with both targets did not fall all the way";
        return out;
      });
}

}  // namespace

std::vector<Claim> cooccurrence_first_phase() {
  const std::string by = "Yang et al. 2024, ";
  const auto outside = outside_cooccurrence;
  return {
      {"two_phases", by + "section 3, Figure 1",
       "Training has two phases: first the MLP learns the words one by one, then attention moves.",
       "T_0.5, T_cls, T1 <= 0.9 T; C21 + C12 - C31 - C32 at T1 over its end < 0.5 of the same for "
       "sum_k |G_k - G_k(0)|",
       two_phases, outside},
      {"phase_one_directions", by + "Theorem 3.1(1)",
       "At the end of phase 1 both targets speak for +, the common word for -.",
       "min(G1, G2, -G3) >= 0.25 at T1", phase_one_directions, outside},
      {"classified_early", by + "Theorem 3.1(2)",
       "Phase 1 ends with all training samples classified.", "T_cls <= 0.01 T", classified_early,
       outside},
      {"attention_frozen_first", by + "Theorem 3.1(3), E.28",
       "Attention weights hardly change in phase 1.", "max |P - P(0)| at T1 <= 0.1 / L^2",
       attention_frozen_first, outside},
      {"loss_still_high", by + "Theorem 3.1(4)", "The loss is still of order 1 after phase 1.",
       "loss(T1) >= 0.1", loss_still_high, outside},
      {"neuron_alignment", by + "Lemma 4.1", "At the start every neuron turns to both targets.",
       "a_j d/dt (w_j W_V mu) > 0 at t = 0 for all j and mu_1, mu_2", neuron_alignment, outside},
      {"common_word_slower", by + "Lemma 4.2", "At the start the common word learns slower.",
       "|G3'(0)| <= 0.5 mean(G1'(0), G2'(0)), which is positive", common_word_slower, outside},
      {"single_target_losses_rise", by + "Figure 1b",
       "In phase 1 the losses of samples with one target rise first, that with both falls.",
       "max over t <= T1 of l_2 and l_3 >= 1.005 of their start; l_1 falls at every record",
       single_target_losses_rise, outside}};
}

}  // namespace attnlab

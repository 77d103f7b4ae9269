// claims_cooccurrence_end.cpp: rates and the end of training in Yang et al. 2024 (Theorem 3.3,
// Theorem F.8, Lemmas F.4, F.10).
#include <algorithm>
#include <cmath>

#include "claims/cooccurrence.hpp"

namespace attnlab {
namespace {

std::size_t at(Index record) { return static_cast<std::size_t>(record); }

std::vector<Finding> inverse_time_loss(const Trials& trials) {
  constexpr double bound = 8;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords&) {
        double least = std::numeric_limits<double>::infinity(), most = 0;
        for (Index s = c.second; s < c.n; ++s) {
          const double x = c.power[at(s)] / (c.neuron_sum[at(s)] * c.loss[at(s)] * c.loss[at(s)]);
          least = std::min(least, x);
          most = std::max(most, x);
        }
        const Index half = (c.second + c.n) / 2;
        const double slope =
            std::log(c.loss.back() / c.loss[at(half)]) / std::log(c.time.back() / c.time[at(half)]);
        return at_most(most / least, bound,
                       text_of("log-log slope of the loss %.3g late in phase 2; the constant of "
                               "its law varies by",
                               slope));
      });
}

std::vector<Finding> neuron_sum_grows(const Trials& trials) {
  return for_each_course(trials, Needs::second_phase, 0, [](const Course& c, const TrialRecords&) {
    double worst = std::numeric_limits<double>::infinity();
    for (Index s = c.second + 1; s < c.n; ++s)
      worst = std::min(worst, c.neuron_sum[at(s)] / c.neuron_sum[at(s - 1)] - 1);
    Finding out = at_least(worst, 0, "from record to record of phase 2 S grew at least by");
    out.holds = out.measured > 0;
    return out;
  });
}

std::vector<Finding> neuron_sum_bounded(const Trials& trials) {
  return for_each_course(trials, Needs::second_phase, 10, [](const Course& c, const TrialRecords&) {
    return at_most(c.neuron_sum.back() / c.neuron_sum[at(c.second)], 10,
                   "S at the end over S at the start of phase 2:");
  });
}

std::vector<Finding> attention_weights_fixed(const Trials& trials) {
  return for_each_course(
      trials, Needs::records, not_measured, [](const Course& c, const TrialRecords& trial) {
        const double length = PaperSizes::of(trial.settings()).length;
        return at_most(*std::ranges::max_element(c.attention_change), 1 / (length * length),
                       "an attention weight moved by up to");
      });
}

std::vector<Finding> random_words_small(const Trials& trials) {
  constexpr double bound = 0.5;
  return for_each_course(trials, Needs::records, bound, [](const Course& c, const TrialRecords&) {
    Finding out = at_most(c.random_output.back() / c.g(c.n - 1, 0), bound,
                          "largest random word over the first target at the end:");
    out.holds = out.holds && out.measured >= 0;
    return out;
  });
}

std::vector<Finding> attention_form(const Trials& trials) {
  return for_each_course(trials, Needs::records, 1, [](const Course& c, const TrialRecords& trial) {
    const auto random = trial.series("random_score_change");
    if (!random || std::isnan(random->values.back()))
      return cannot_judge("", 1, "the changes of random words' scores were not recorded");
    const Index s = c.n - 1;
    const double least =
        std::min({c.change(s, 2, 1), c.change(s, 1, 2), -c.change(s, 3, 1), -c.change(s, 3, 2)});
    Finding out = at_most(random->values.back() / least, 1,
                          text_of("C21, C12, -C31, -C32 are %.2g or more at the end; a random "
                                  "word has this share of it:",
                                  least));
    out.holds = least > 0 && out.measured < 1;
    return out;
  });
}

std::vector<Finding> train_loss_small(const Trials& trials) {
  return for_each_course(trials, Needs::records, not_measured,
                         [](const Course& c, const TrialRecords& trial) {
                           return at_most(c.loss.back(), 1 / PaperSizes::of(trial.settings()).width,
                                          "the training loss ends at");
                         });
}

std::vector<Finding> test_loss_small(const Trials& trials) {
  return for_each_course(
      trials, Needs::records, not_measured, [](const Course&, const TrialRecords& trial) {
        const double bound = 1 / PaperSizes::of(trial.settings()).width;
        const auto test = trial.series("validation_loss");
        if (!test) return cannot_judge("", bound, "the task has no validation_samples");
        return at_most(test->values.back(), bound, "the loss on fresh samples ends at");
      });
}

}  // namespace

std::vector<Claim> cooccurrence_end() {
  const std::string by = "Yang et al. 2024, ";
  const auto outside = outside_cooccurrence;
  return {{"inverse_time_loss", by + "Theorem F.8", "In phase 2 the loss falls like 1 / t.",
           "max / min over t >= T1 of (-dL/dt) / (S L^2) <= 8", inverse_time_loss, outside},
          {"neuron_sum_grows", by + "section 4.2, Lemma F.4",
           "The correlation sum of the neurons grows in phase 2.",
           "S rises at every record from T1", neuron_sum_grows, outside},
          {"neuron_sum_bounded", by + "Lemma F.10", "It keeps its order of magnitude in phase 2.",
           "S(T) / S(T1) <= 10", neuron_sum_bounded, outside},
          {"attention_weights_fixed", by + "Corollary F.17",
           "Attention weights stay near their start all the time.", "max |P - P(0)| <= 1 / L^2",
           attention_weights_fixed, outside},
          {"random_words_small", by + "Corollary F.15",
           "Random words have less to say than the targets at the end.",
           "0 <= max_R |G| / G1 <= 0.5 at the end", random_words_small, outside},
          {"attention_form", by + "Theorem 3.3",
           "In the end W_K^T W_Q has grown where targets and the common word meet, not elsewhere.",
           "max |C with a random word| < min(C21, C12, -C31, -C32) at the end", attention_form,
           outside},
          {"train_loss_small", by + "Theorem 3.3 (1 / poly(m) read as 1 / m)",
           "The training loss ends small.", "L(T) <= 1 / m", train_loss_small, outside},
          {"test_loss_small", by + "Theorem 3.3 (1 / poly(m) read as 1 / m)",
           "The loss on fresh samples ends small.", "validation loss <= 1 / m", test_loss_small,
           outside}};
}

}  // namespace attnlab

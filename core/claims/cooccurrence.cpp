// cooccurrence.cpp: reads a course and finds its phases.
#include "claims/cooccurrence.hpp"

#include <algorithm>
#include <cmath>

#include "claims/claim_list.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

const std::vector<std::string> needed{"loss",
                                      "group_loss",
                                      "grad_norm",
                                      "token_output",
                                      "token_output_rate",
                                      "random_token_output",
                                      "score_correlation",
                                      "score_correlation_rate",
                                      "value_correlation_rate",
                                      "loss_derivative",
                                      "loss_derivative_spread",
                                      "margin_gain",
                                      "least_margin",
                                      "neuron_correlation",
                                      "attention_change"};

template <class Holds>
Index first_after_which(Index n, Holds holds) {
  Index first = n;
  while (first > 0 && holds(first - 1)) --first;
  return first;
}

// Squared norms of the gradients of these matrices, summed; all of them without names.
std::vector<double> power_of(const RecordedArray& norms, const std::vector<std::string>& labels,
                             const std::vector<std::string>& names) {
  std::vector<double> out(static_cast<std::size_t>(norms.rows()), 0.0);
  for (std::size_t m = 0; m < labels.size(); ++m) {
    if (!names.empty() && std::ranges::find(names, labels[m]) == names.end()) continue;
    for (Index s = 0; s < norms.rows(); ++s)
      out[static_cast<std::size_t>(s)] += std::pow(norms.at(s, static_cast<Index>(m)), 2);
  }
  return out;
}

std::optional<Course> read_course(const TrialRecords& trial) {
  Course c;
  const auto series = [&](const char* name) { return *trial.series(name); };
  c.loss = series("loss").values;
  c.n = std::ssize(c.loss);
  if (const auto time = trial.series("time")) {
    c.time = time->values;
  } else {
    const Settings* rate = find(trial.settings(), "optimizer.learning_rate");
    if (rate && rate->is_object() && rate->contains("default")) rate = &rate->at("default");
    if (!rate || !rate->is_number()) return std::nullopt;
    c.time = trial.scale("record");
    for (double& t : c.time) t *= rate->get<double>();
  }
  c.group_loss = series("group_loss");
  c.output = series("token_output");
  c.output_rate = series("token_output_rate");
  c.random_output = series("random_token_output").values;
  c.score = series("score_correlation");
  c.score_rate = series("score_correlation_rate");
  c.value_rate = series("value_correlation_rate");
  c.gs = series("loss_derivative");
  c.spread = series("loss_derivative_spread");
  c.gain = series("margin_gain");
  c.least_margin = series("least_margin").values;
  c.neuron_sum = series("neuron_correlation").values;
  c.attention_change = series("attention_change").values;
  const RecordedArray norms = series("grad_norm");
  const auto labels = trial.labels("matrix");
  c.power = power_of(norms, labels, {});
  c.score_power = power_of(norms, labels, {"W_Q", "W_K"});
  c.value_power = power_of(norms, labels, {"W_V"});

  c.overtaken = first_after_which(c.n, [&](Index s) {
    return -c.output_rate.at(s, 2) >= std::max(c.output_rate.at(s, 0), c.output_rate.at(s, 1));
  });
  const auto margin = [&](Index s) { return c.least_margin[static_cast<std::size_t>(s)]; };
  c.classified = first_after_which(c.n, [&](Index s) { return margin(s) > 0; });
  c.second = first_after_which(c.n, [&](Index s) { return margin(s) >= 0.1; });
  c.structured = first_after_which(c.n, [&](Index s) {
    const double g1 = c.g(s, 0), g2 = c.g(s, 1), g3 = c.g(s, 2);
    return std::min({g1, g2, -g3, g1 + g2 + g3, -(g1 + g3), -(g2 + g3), margin(s)}) >= 0.1;
  });
  return c;
}

}  // namespace

double Course::phi(Index s) const {
  return change(s, 2, 1) + change(s, 1, 2) - change(s, 3, 1) - change(s, 3, 2);
}

double Course::psi(Index s) const {
  double sum = 0;
  for (Index token = 0; token < 3; ++token) sum += std::abs(g(s, token) - g(0, token));
  return sum;
}

PaperSizes PaperSizes::of(const Settings& trial) {
  const auto number = [&](const char* path) { return number_setting(trial, path, not_measured); };
  return {number("task.samples"),      number("task.sequence_length"),
          number("task.dim"),          number("model.key_dim"),
          number("model.head.hidden"), setting(trial, "task.distinct_random_tokens") == "true"};
}

std::vector<Finding> for_each_course(
    const Trials& trials, Needs needs, double bound,
    const std::function<Finding(const Course&, const TrialRecords&)>& judge) {
  return for_each_trial(trials, needed, bound, [&](const TrialRecords& trial) {
    const auto course = read_course(trial);
    if (!course) return cannot_judge("", bound, "the flow time of its records is not known");
    const Course& c = *course;
    if (c.n < 10) return cannot_judge("", bound, "fewer than 10 records");
    if (needs == Needs::second_phase && c.n - c.second < 3) {
      return cannot_judge("", bound,
                          c.second == c.n
                              ? "phase 2 never began: some margin was below 0.1 at the end"
                              : "fewer than 3 records of phase 2");
    }
    return judge(c, trial);
  });
}

Finding at_most(double measured, double bound, const std::string& what) {
  const bool holds = measured <= bound;
  return {"", holds, measured, bound,
          what + text_of(" %.4g, %s %.4g", measured, holds ? "at most" : "more than", bound)};
}

Finding at_least(double measured, double bound, const std::string& what) {
  const bool holds = measured >= bound;
  return {"", holds, measured, bound,
          what + text_of(" %.4g, %s %.4g", measured, holds ? "at least" : "less than", bound)};
}

std::vector<Claim> cooccurrence_claims() {
  std::vector<Claim> out;
  for (const auto& part : {cooccurrence_first_phase(), cooccurrence_second_phase(),
                           cooccurrence_balance(), cooccurrence_end(), cooccurrence_exact()})
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace attnlab

// claims_wikitext.cpp: statements of Tian et al. 2023 on language models over real text (Figures 7
// and 10): attention starts near uniform, gets sparse, freezes, and is sparser at larger rates.
//
//   H(t)    entropy of the lowest layer's attention on the validation split, mean over queries and
//           heads (validation_entropy)
//   U       the entropy of uniform attention; causal over T tokens: sum_q ln(q) / T = ln(T!) / T
//   v(t)    mean over the queries q of a fixed validation batch of sum_k |A_qk(t) - A_qk(t - 100)|
//           (validation_attention_moved)
//   rho(t)  mean over the queries of Spearman's correlation of A_qk and how distinct key k is: its
//           mutual information with the next token given the query, counted in the training set
//           (attention_distinctness)
//
// Predicates and tolerances: papers/b_scan_and_snap 5.7, set before any run.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/order_statistics.hpp"
#include "claims/claim_list.hpp"
#include "claims/judging.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

constexpr double rate_of_paper = 5, span_of_freeze = 100;  // updates

Index n_layers(const TrialRecords& trial) {
  return static_cast<Index>(number_setting(trial, "model.layers", 1));
}
double rate_of(const TrialRecords& trial) {
  return number_setting(trial, "optimizer.learning_rate", not_measured);
}

// H at a record: the lowest layer, mean over its heads. entropy [record, layer, head]
double lowest_entropy(const RecordedArray& entropy, Index record) {
  const Index heads = entropy.shape.back();
  double sum = 0;
  for (Index h = 0; h < heads; ++h) sum += entropy.at(record, h);
  return sum / static_cast<double>(heads);
}
double last_entropy(const TrialRecords& trial) {
  const auto entropy = trial.series("validation_entropy");
  return entropy ? lowest_entropy(*entropy, entropy->rows() - 1) : not_measured;
}

// U for T tokens, no padding; NaN for a mask that leaves a query nothing.
double uniform_entropy(double tokens, const std::string& mask) {
  if (mask == "causal") return std::lgamma(tokens + 1) / tokens;
  return mask == "none" ? std::log(tokens) : not_measured;
}

Finding near_uniform(const TrialRecords& trial) {
  constexpr double least = 2.3 / 2.6325;
  const RecordedArray entropy = *trial.series("validation_entropy");
  const auto steps = trial.scale("record");
  const double tokens = number_setting(trial, "task.sequence_length", not_measured);
  const double uniform = uniform_entropy(tokens, setting(trial, "model.attention.mask"));
  if (std::isnan(uniform))
    return cannot_judge("", least,
                        "uniform attention needs task.sequence_length and a mask that "
                        "is causal or none");
  if (steps.empty() || steps.front() != 0)
    return cannot_judge("", least, "record.metrics does not begin at step 0");
  const double start = lowest_entropy(entropy, 0), measured = start / uniform;
  return {"", measured >= least && measured <= 1 + 1e-5, measured, least,
          text_of("entropy of the lowest layer at step 0 is %.4f, that of uniform attention %.4f",
                  start, uniform)};
}

Finding falls(const TrialRecords& trial) {
  constexpr double most = 0.6;
  const RecordedArray entropy = *trial.series("validation_entropy");
  const auto steps = trial.scale("record");
  if (steps.size() < 2 || steps.front() != 0)
    return cannot_judge("", most, "record.metrics needs step 0 and a later one");
  const double start = lowest_entropy(entropy, 0),
               end = lowest_entropy(entropy, entropy.rows() - 1), measured = end / start;
  return {"", measured < most, measured, most,
          text_of("entropy of the lowest layer goes from %.4f to %.4f at step %g", start, end,
                  steps.back())};
}

// "Stays": from the first v behind the greatest one that is below a fifth of it to the end, over
// the last 100 updates at least. Measured is the greatest v of those last 100 updates.
Finding freezes(const TrialRecords& trial) {
  constexpr double most = 0.2;
  const RecordedArray moved = *trial.series("validation_attention_moved");
  const auto steps = trial.scale("record");
  std::vector<double> ends, v;  // records that have another 100 updates before
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (std::isnan(moved.values[s])) continue;
    ends.push_back(steps[s]);
    v.push_back(moved.values[s]);
  }
  if (v.size() < 3 || ends.back() - ends.front() < 2 * span_of_freeze)
    return cannot_judge("", most,
                        "it needs three records or more that have another 100 updates "
                        "before, over 300 updates (record.metrics)");
  const auto peak = std::ranges::max_element(v);
  double late = 0;
  for (std::size_t i = 0; i < v.size(); ++i)
    if (ends[i] > ends.back() - span_of_freeze) late = std::max(late, v[i]);
  const double measured = *peak > 0 ? late / *peak : not_measured;
  if (std::isnan(measured)) return cannot_judge("", most, "the attention never moves");
  return {"", measured < most, measured, most,
          text_of("a row of the lowest layer moves by %.4f in 100 updates up to step %g, its most, "
                  "and by %.4f at most towards step %g",
                  *peak, ends[static_cast<std::size_t>(peak - v.begin())], late, ends.back())};
}

// "Rising in training": rho rises with the step as H falls with the rate in Figure 10, by ranks.
Finding turns_to_distinct(const TrialRecords& trial) {
  constexpr double least = 0.8;
  const RecordedArray rho = *trial.series("attention_distinctness");
  const auto steps = trial.scale("record");
  if (steps.size() < 5 || steps.front() != 0)
    return cannot_judge("", least, "record.metrics needs step 0 and four later ones");
  const double measured = spearman(steps, rho.values), start = rho.at(0),
               end = rho.at(rho.rows() - 1);
  if (std::isnan(measured))
    return cannot_judge("", least, "attention never correlates with distinctness");
  return {"", measured >= least && end > start, measured, least,
          text_of("correlation of the lowest layer's attention with distinctness goes from %.4f to "
                  "%.4f; with the step it correlates by %.3f",
                  start, end, measured)};
}

// The trials with one layer, or with several, at the paper's rate.
std::vector<Finding> at_rate_of_paper(const Trials& trials, bool deep, const std::string& series,
                                      double bound, Finding (*judge)(const TrialRecords&)) {
  Trials chosen;
  for (const TrialRecords* trial : trials) {
    if ((n_layers(*trial) > 1) == deep && rate_of(*trial) == rate_of_paper) chosen.push_back(trial);
  }
  if (chosen.empty())
    return {too_few_trials(trials_text(trials), bound,
                           std::string("no trial has ") + (deep ? "several layers" : "one layer") +
                               " and the learning rate 5")};
  return for_each_trial(chosen, {series}, bound, judge);
}

std::vector<Finding> uniform_start(const Trials& trials) {
  return for_each_trial(trials, {"validation_entropy"}, 2.3 / 2.6325, near_uniform);
}
std::vector<Finding> distinct_attended(const Trials& trials) {
  return for_each_trial(trials, {"attention_distinctness"}, 0.8, turns_to_distinct);
}
std::vector<Finding> entropy_falls(const Trials& trials) {
  return at_rate_of_paper(trials, false, "validation_entropy", 0.6, falls);
}
std::vector<Finding> lowest_entropy_falls(const Trials& trials) {
  return at_rate_of_paper(trials, true, "validation_entropy", 0.6, falls);
}
std::vector<Finding> attention_freezes(const Trials& trials) {
  return at_rate_of_paper(trials, false, "validation_attention_moved", 0.2, freezes);
}
std::vector<Finding> lowest_attention_freezes(const Trials& trials) {
  return at_rate_of_paper(trials, true, "validation_attention_moved", 0.2, freezes);
}

// H at the end by rate, means over seeds; trials that are not done leave no point.
std::vector<Finding> sparser_with_rate(const Trials& trials) {
  constexpr double most = -0.8;
  std::vector<Finding> out;
  for (const Trials& group : groups_that_differ_in(trials, {"seed", "optimizer.learning_rate"})) {
    std::map<double, std::pair<double, Index>> sums;  // rate -> sum of H, trials
    for (const TrialRecords* trial : group) {
      const double rate = rate_of(*trial), entropy = last_entropy(*trial);
      if (!trial->done() || std::isnan(rate) || std::isnan(entropy)) continue;
      sums[rate].first += entropy;
      ++sums[rate].second;
    }
    if (sums.size() < 4) {
      out.push_back(too_few_trials(trials_text(group), most,
                                   text_of("it needs four learning rates with a recorded "
                                           "validation_entropy, there are %zu",
                                           sums.size())));
      continue;
    }
    std::vector<double> rates, means;
    std::string listed;
    for (const auto& [rate, sum] : sums) {
      rates.push_back(rate);
      means.push_back(sum.first / static_cast<double>(sum.second));
      listed += text_of("%s%.4f at %g", listed.empty() ? "" : ", ", means.back(), rate);
    }
    const double rho = spearman(rates, means);
    if (std::isnan(rho)) {
      out.push_back(cannot_judge(trials_text(group), most, "the entropies are all equal"));
      continue;
    }
    out.push_back({trials_text(group), rho <= most, rho, most,
                   "entropy of the lowest layer at the end by rate, means over seeds: " + listed});
  }
  return out;
}

std::vector<std::string> outside_wikitext(const Settings& trial) {
  std::vector<std::string> out;
  if (setting(trial, "model.attention.kernel.plugin") != "softmax")
    out.emplace_back("the paper's language models have softmax attention");
  if (setting(trial, "optimizer.plugin") != "gradient_descent")
    out.emplace_back("the paper trains its language models by plain gradient descent");
  return out;
}

}  // namespace

std::vector<Claim> wikitext_claims() {
  const std::string paper = "Tian et al. 2023, ",
                    figure_7 = "Tian et al. 2023, Figure 7 (the threshold is ours)",
                    figure_10 = "Tian et al. 2023, Figure 10 (the threshold is ours)";
  return {
      {"wikitext_uniform_start", figure_7,
       "On real text attention of the lowest layer starts near uniform.",
       "H(0) / U in [2.3 / 2.6325, 1] on the validation split, U = ln(T!) / T for causal attention "
       "over T tokens",
       uniform_start, outside_wikitext},
      {"wikitext_distinct_attended", paper + "distinct tokens (the measure is ours)",
       "On real text attention turns to the keys that say most about the next word.",
       "Spearman's correlation of step and rho >= 0.8, rho(end) > rho(0); rho: that of attention "
       "of the lowest layer and PMI of key and next token given the query in the training set",
       distinct_attended, outside_wikitext},
      {"wikitext_entropy_falls", figure_7,
       "On real text a model of one layer ends with sparse attention at rate 5.",
       "H(end) < 0.6 H(0) on the validation split for one layer and learning rate 5", entropy_falls,
       outside_wikitext},
      {"wikitext_freezes", figure_7,
       "On real text the attention of a model of one layer freezes at rate 5.",
       "mean |A(t) - A(t - 100)|_1 of a row stays below 0.2 of its maximum over the last 100 "
       "updates; a fixed validation batch",
       attention_freezes, outside_wikitext},
      {"wikitext_lowest_layer_falls", figure_7,
       "On real text the lowest of several layers ends with sparse attention at rate 5.",
       "H(end) < 0.6 H(0) on the validation split for the lowest of several layers and learning "
       "rate 5",
       lowest_entropy_falls, outside_wikitext},
      {"wikitext_lowest_layer_freezes", figure_7,
       "On real text the attention of the lowest of several layers freezes at rate 5.",
       "mean |A(t) - A(t - 100)|_1 of a row of the lowest layer stays below 0.2 of its maximum "
       "over the last 100 updates; a fixed validation batch",
       lowest_attention_freezes, outside_wikitext},
      {"wikitext_sparser_with_rate", figure_10,
       "On real text attention ends sparser with a larger learning rate.",
       "Spearman's correlation of learning rate and mean H(end) over seeds <= -0.8, four rates at "
       "least; H on the validation split",
       sparser_with_rate, outside_wikitext}};
}

}  // namespace attnlab

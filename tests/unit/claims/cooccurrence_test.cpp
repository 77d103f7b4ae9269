// cooccurrence_test.cpp: the claims of Yang et al. 2024 on a course made by hand that has two
// phases, and on courses where one thing was taken away.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "claims/claim_list.hpp"
#include "claims/cooccurrence_duals.hpp"
#include "claims/records_of_trial.hpp"

namespace attnlab {
namespace {

using Numbers = std::vector<double>;
constexpr int n_records = 60;
constexpr int n_first = 20;  // records of phase 1

// One array by name: all records one after the other.
using Arrays = std::map<std::string, Numbers>;

// A course in which every statement of the paper is true: the time is log-spaced to 300.
Arrays good() {
  Arrays a;
  const auto put = [&](const char* name, const Numbers& row) {
    a[name].insert(a[name].end(), row.begin(), row.end());
  };
  for (int s = 0; s < n_records; ++s) {
    const bool second = s >= n_first;
    const double t = s == 0 ? 0 : 300 * std::pow(1e-6, 1 - s / (n_records - 1.0)),
                 x = s / (n_records - 1.0), y = second ? 1 + x : 0.9 * s / n_first,
                 loss = second ? 0.04075 / (0.05 + t) : 0.7 - 0.2 * y;
    put("time", {t});
    put("loss", {loss});
    const double rise = second ? 0 : 0.1 * s;
    put("group_loss", {loss, 0.7 + rise - loss * 1e-3, 0.7 + rise - loss * 1e-3, loss});
    put("token_output", {y, y, -1.4 * y});
    put("token_output_rate", second ? Numbers{1, 1, -1.4} : Numbers{1, 1, s < 10 ? 0.1 : -1.2});
    put("random_token_output", {0.1 * y});
    const double c = std::pow(x, 4);  // later than the outputs
    put("score_correlation", {0, c, 0, c, 0, 0, -c, -c, 0});
    // The leading order of papers/a_cooccurrence 7, for G = y (1, 1, -1.4) and L = 5.
    const double k = 2e-4 * std::sqrt(128.0) / 5 * loss * y, to_target = k * 1.4408 * 0.88,
                 to_common = k * (-1.52 * 1.4408 + 1.32);
    put("score_correlation_rate", {0, to_target, 0, to_target, 0, 0, to_common, to_common, 0});
    put("value_correlation_rate", {1, 1, -1, 1, -1, 1});
    put("loss_derivative", {1.4408 * loss, loss, loss, 1e-3 * loss});
    put("loss_derivative_spread", {2, 2, 2, 2});
    put("margin_gain", {s == 0 ? 0 : 0.1, s == 0 ? 0 : 0.2});
    put("least_margin", {second ? 0.1 + x : -1 + s * 0.04});
    put("neuron_correlation", {100 + x});
    put("neuron_correlation_rate", {1 + x});
    put("neuron_correlation_rate_from_margins", {1 + x});
    put("neuron_alignment_rate", {0.1});
    put("attention_change", {1e-6 * x});
    put("random_score_change", {0.1});
    put("score_weight_variance", {1e-4});
    put("value_invariant_drift", {1e-9});
    put("score_invariant_drift", {1e-9});
    put("rank_one_residual", {1e-15});
    const double power = loss * loss * 100;
    put("grad_norm",
        {std::sqrt(0.02 * power), 0, std::sqrt(0.49 * power), std::sqrt(0.49 * power)});
    put("validation_loss", {loss});
  }
  return a;
}

RecordsOfTrial trial_of(const Arrays& arrays) {
  Records records;
  std::vector<std::int64_t> steps(n_records);
  for (int s = 0; s < n_records; ++s) steps[static_cast<std::size_t>(s)] = s;
  records.axes.push_back({"record", steps, "step"});
  records.axes.push_back({"matrix", std::vector<std::string>{"W_Q", "W_K", "W_V", "W_H1"}, ""});
  for (const auto& [name, values] : arrays) {
    const std::size_t width = values.size() / n_records;
    const std::string axis = name == "grad_norm" ? "matrix" : "of " + name;
    if (width > 1 && axis != "matrix")
      records.axes.push_back({axis, std::vector<std::int64_t>(width, 0), ""});
    records.series.push_back(
        {name,
         width > 1 ? std::vector<std::string>{"record", axis} : std::vector<std::string>{"record"},
         values, "", "1"});
  }
  return {0, Settings::parse(R"({
      "task": {"plugin": "cooccurrence", "samples": 60, "sequence_length": 5, "dim": 163,
               "distinct_random_tokens": true},
      "model": {"key_dim": 128, "head": {"hidden": 16}},
      "optimizer": {"plugin": "gradient_flow"}})"),
          std::move(records)};
}

Finding judged(const std::string& claim, const Arrays& arrays) {
  const RecordsOfTrial one = trial_of(arrays);
  const std::vector<std::string> names{claim};
  const auto findings = judge_claims(names, {&one});
  if (!findings) throw std::runtime_error("no claim " + claim);
  return findings->front().finding;
}

// A claim, and what is done to the good course so that it must fail.
struct Control {
  const char* claim;
  const char* array;
  double (*spoil)(int record, int place, double value);
};
double nothing(int, int, double) { return 0; }
double minus(int, int, double x) { return -x; }
double tenfold(int, int, double x) { return 10 * x; }

const Control controls[] = {
    {"two_phases", "score_correlation", nothing},  // frozen attention
    {"two_phases", "least_margin", [](int, int, double) { return -1.0; }},
    {"phase_one_directions", "token_output", minus},
    {"classified_early", "least_margin",
     [](int s, int, double x) { return s == n_records - 5 ? -1 : x; }},
    {"attention_frozen_first", "attention_change", [](int, int, double) { return 0.1; }},
    {"loss_still_high", "loss", [](int, int, double x) { return 0.01 * x; }},
    {"neuron_alignment", "neuron_alignment_rate", minus},
    {"common_word_slower", "token_output_rate", [](int, int, double) { return 1.0; }},
    {"single_target_losses_rise", "group_loss", [](int s, int, double) { return 1.0 / (1 + s); }},
    {"sandwich", "token_output_rate", [](int, int k, double x) { return k == 2 ? -0.9 : x; }},
    {"sandwich", "token_output_rate", [](int, int k, double x) { return k == 2 ? -2.1 : x; }},
    {"attention_scores_separate", "score_correlation_rate", nothing},
    {"scores_keep_pace", "score_correlation_rate",
     [](int s, int k, double x) { return s == 50 && k == 6 ? -x : x; }},
    {"value_products_separate", "value_correlation_rate",
     [](int, int k, double x) { return k == 4 ? -x : x; }},
    {"output_structure", "token_output", [](int, int k, double x) { return k == 2 ? 0.5 * x : x; }},
    {"losses_fall_together", "margin_gain",
     [](int s, int k, double x) { return s == 50 && k == 0 ? -0.01 : x; }},
    {"attention_joins", "grad_norm", [](int, int k, double x) { return k == 0 ? 0.1 * x : x; }},
    {"balanced_gradients", "loss_derivative",
     [](int s, int k, double x) { return s == 40 && k == 1 ? 0.5 * x : x; }},
    {"gradient_ratio", "loss_derivative", [](int, int k, double x) { return k == 0 ? 2 * x : x; }},
    {"group_order", "loss_derivative", [](int, int k, double x) { return k == 3 ? 5000 * x : x; }},
    {"bounded_ratio", "loss_derivative_spread",
     [](int, int k, double x) { return k < 3 ? 30 : x; }},
    {"dual_ratio", "loss_derivative", [](int, int k, double x) { return k == 0 ? 1.05 * x : x; }},
    {"rate_constant", "loss", [](int, int, double x) { return 0.9 * x; }},
    {"score_speed", "score_correlation_rate", [](int, int, double x) { return 2 * x; }},
    {"score_speed", "score_correlation_rate", [](int, int, double x) { return 0.4 * x; }},
    {"inverse_time_loss", "loss", [](int s, int, double x) { return s > 50 ? 0.1 * x : x; }},
    {"neuron_sum_grows", "neuron_correlation",
     [](int s, int, double x) { return s == 50 ? 1 : x; }},
    {"neuron_sum_bounded", "neuron_correlation",
     [](int s, int, double x) { return s > 50 ? 20 * x : x; }},
    {"attention_weights_fixed", "attention_change", [](int, int, double) { return 0.05; }},
    {"random_words_small", "random_token_output", tenfold},
    {"attention_form", "random_score_change", tenfold},
    {"train_loss_small", "loss", [](int, int, double x) { return x + 0.1; }},
    {"test_loss_small", "validation_loss", [](int, int, double x) { return x + 0.1; }},
    {"neuron_sum_identity", "neuron_correlation_rate",
     [](int, int, double x) { return x * (1 + 1e-8); }},
    {"flow_invariants", "score_invariant_drift", [](int, int, double) { return 1e-3; }},
    {"rank_one", "rank_one_residual", [](int, int, double) { return 1e-6; }},
};

TEST(Cooccurrence, EveryClaimHoldsOnTheGoodCourseAndFailsOnItsControl) {
  for (const Control& control : controls) {
    Arrays arrays = good();
    const Finding holds = judged(control.claim, arrays);
    EXPECT_TRUE(holds.holds) << control.claim << ": " << holds.sentence;
    Numbers& values = arrays.at(control.array);
    const int width = static_cast<int>(values.size()) / n_records;
    for (int i = 0; i < std::ssize(values); ++i)
      values[static_cast<std::size_t>(i)] =
          control.spoil(i / width, i % width, values[static_cast<std::size_t>(i)]);
    const Finding fails = judged(control.claim, arrays);
    EXPECT_FALSE(fails.holds) << control.claim << ": " << fails.sentence;
    EXPECT_FALSE(fails.sentence.empty());
  }
}

TEST(Cooccurrence, NoClaimIsWithoutAControl) {
  for (const Claim& claim : cooccurrence_claims())
    EXPECT_NE(std::ranges::find(controls, claim.name, &Control::claim), std::end(controls))
        << claim.name << " needs a line in `controls`";
}

TEST(Cooccurrence, WhatHasNoSecondPhaseIsNotJudged) {
  Arrays arrays = good();
  for (double& x : arrays.at("least_margin")) x = -1;
  for (const char* claim : {"balanced_gradients", "sandwich", "score_speed"}) {
    const Finding found = judged(claim, arrays);
    EXPECT_TRUE(std::isnan(found.measured)) << claim;
    EXPECT_NE(found.sentence.find("phase 2 never began"), std::string::npos) << found.sentence;
  }
}

// papers/a_cooccurrence 7: the numbers worked by hand.
TEST(Cooccurrence, DualsAreThoseOfTheMaxMarginSolution) {
  const Duals many = duals_of({1e9, 5, 0, 0, 0, true});
  EXPECT_NEAR(many.ratio(), 1.5, 1e-6);
  EXPECT_NEAR(many.margin_squared(), 1.0 / 17, 1e-6);
  const Duals paper = duals_of({60, 5, 163, 0, 0, true});
  EXPECT_NEAR(paper.ratio(), 1.2687, 1e-4);
  EXPECT_NEAR(paper.s / paper.b, 1.4408, 1e-4);
  EXPECT_NEAR(paper.margin_squared(), 0.1216, 1e-4);
  EXPECT_NEAR(duals_of({36, 5, 0, 0, 0, true}).ratio(), 1.150, 0.02);  // group I4 supports
  EXPECT_GT(duals_of({36, 5, 0, 0, 0, true}).c, 0);
}

TEST(Cooccurrence, SaysWhereATrialLeavesTheAssumptions) {
  const Claim* const claim = find_claim("two_phases");
  ASSERT_NE(claim, nullptr);
  ASSERT_NE(claim->outside, nullptr);
  Settings trial = trial_of(good()).settings();
  trial["model"]["attention"] = {{"kernel", {{"plugin", "softmax"}}}};
  trial["model"]["train"] = "all";
  trial["model"]["init"] = {{"default", {{"cooccurrence_theory", {{"c0", 0.1}, {"c1", 1.0}}}}}};
  EXPECT_TRUE(claim->outside(trial).empty()) << claim->outside(trial).front();
  trial["model"]["head"]["hidden"] = 256;
  trial["task"]["distinct_random_tokens"] = false;
  trial["model"]["init"] = {{"default", "torch_linear"}};
  EXPECT_EQ(claim->outside(trial).size(), 3u);
}

}  // namespace
}  // namespace attnlab

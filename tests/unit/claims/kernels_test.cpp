// kernels_test.cpp: the claims of Song et al. 2024 on courses made by hand, each where it holds and
// where it must not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "claims/claim_list.hpp"
#include "claims/records_of_trial.hpp"

namespace attnlab {
namespace {

using Numbers = std::vector<double>;

struct Course {
  const char* kernel = "softmax";
  std::map<std::string, Numbers> series;
  int seed = 0, dim = 16;  // Nn = 16
  double value_scale = 1;
};

struct Case {
  const char* claim;
  std::vector<Course> holds, fails;
};

RecordsOfTrial trial_of(Index number, const Course& course) {
  Records records;
  std::vector<std::int64_t> steps(course.series.begin()->second.size());
  for (std::size_t s = 0; s < steps.size(); ++s) steps[s] = static_cast<std::int64_t>(s);
  records.axes.push_back({"record", steps, "step", "1"});
  records.axes.push_back({"matrix", std::vector<std::string>{"W_V"}, "", "1"});
  for (const auto& [name, values] : course.series) {
    using Axes = std::vector<std::string>;
    records.series.push_back(
        {name, name == "grad_norm" ? Axes{"record", "matrix"} : Axes{"record"}, values, "", "1"});
  }
  return {number,
          Settings{{"seed", course.seed},
                   {"task", {{"samples", 4}, {"tokens", 4}, {"outputs", 4}, {"dim", course.dim}}},
                   {"model",
                    {{"heads", 1},
                     {"train", {"W_V"}},
                     {"init", {{"W_V", {{"normal", course.value_scale}}}}},
                     {"attention", {{"kernel", {{"plugin", course.kernel}}}}}}}},
          std::move(records)};
}

bool all_hold(const char* claim, const std::vector<Course>& courses) {
  std::vector<RecordsOfTrial> made;
  for (const Course& course : courses) made.push_back(trial_of(std::ssize(made), course));
  Trials trials;
  for (const RecordsOfTrial& one : made) trials.push_back(&one);
  const auto findings = judge_claims(std::vector<std::string>{claim}, trials);
  if (!findings || findings->empty()) throw std::runtime_error(std::string("no finding: ") + claim);
  // A control must fail by its numbers, not because something was not recorded.
  for (const auto& [_, finding] : *findings)
    EXPECT_FALSE(std::isnan(finding.measured)) << claim << ": " << finding.sentence;
  return std::ranges::all_of(*findings, [](const ClaimFinding& f) { return f.finding.holds; });
}

// f = factor^t over 60 records: factor 0.5 is what eta mu = 0.5 and eta lambda_min = 0.29 say.
Course falling(double factor, double mu = 0.5) {
  Course out;
  for (int s = 0; s < 60; ++s) {
    const double f = std::pow(factor, s);
    out.series["loss"].push_back(f);
    out.series["grad_norm"].push_back(std::sqrt(f));
    out.series["pl_constant"].push_back(mu);
    out.series["learning_rate"].push_back(1);
    out.series["jacobian_lambda_min"].push_back(1 - std::sqrt(0.5));
  }
  return out;
}
Course jumping() {
  Course out = falling(0.5);
  Numbers& f = out.series["loss"];
  for (std::size_t s = 0; s < f.size(); ++s) f[s] *= s % 2 == 0 ? 1 : 1e-4;
  return out;
}
Course ends(const char* kernel, double half, double end, double slope, int seed = 0) {
  return {
      kernel,
      {{"loss", {1, half, end}}, {"grad_norm", {1, 1, slope}}, {"convex_floor", Numbers(3, 0.2)}},
      seed};
}
Course sigma(double end) { return {"softmax", {{"feature_sigma_min", {1, end}}}}; }
Course wide(int dim, double end, double residual) {
  return {
      "softmax", {{"loss", {1, end}}, {"least_squares_residual", {residual, residual}}}, 0, dim};
}
Course rank(const char* kernel, double r) { return {kernel, {{"jacobian_rank", {r, r}}}}; }
Course drift(double scale, double end) {
  return {"softmax", {{"kernel_drift", {0, end}}}, 0, 16, scale};
}

const std::vector<Case>& cases() {
  static const Course stalled = ends("softmax", 0.3, 0.3, 1e-4),
                      arrived = ends("gaussian", 1e-5, 1e-13, 1e-8),
                      reached = ends("softmax", 1e-5, 1e-13, 1e-8),  // target inside the hull
      stuck = ends("gaussian", 0.3, 0.3, 1e-4);
  static const std::vector<Case> all{
      {"monotone_loss", {falling(0.5)}, {jumping()}},  // the step was too large
      {"global_convergence", {falling(0.5)}, {falling(0.99)}},
      {"value_gradient_bound", {falling(0.5)}, {falling(0.5, 0.6)}},
      {"linear_rate_bound", {falling(0.5)}, {falling(0.51)}},
      {"linear_convergence", {falling(0.5)}, {jumping()}},
      {"predicted_rate", {falling(0.5)}, {falling(0.4)}},  // Adam in place of gradient descent
      {"feature_rank_kept", {sigma(0.6)}, {sigma(0.4)}},
      {"width_transition", {wide(16, 0, 1e-25), wide(8, 0.101, 0.1)}, {wide(8, 0.11, 0.1)}},
      {"width_transition", {wide(16, 0, 1e-25)}, {wide(16, 0.1, 0.1)}},
      {"row_stochastic_stall", {stalled, arrived}, {reached}},
      {"row_stochastic_stall", {stalled}, {stuck}},
      {"kernel_separation", {stalled, arrived}, {reached, arrived}},
      {"separation_over_seeds",
       {stalled, ends("softmax", 0.3, 0.3, 0, 1), arrived, ends("gaussian", 0, 0, 0, 1)},
       {stalled, ends("softmax", 0, 0, 0, 1), arrived, ends("gaussian", 0, 0, 0, 1)}},
      {"basin_at_infinity", {stalled, arrived}, {reached}},
      {"jacobian_rank", {rank("softmax", 48), rank("gaussian", 64)}, {rank("softmax", 64)}},
      {"gaussian_out_of_reach", {stuck}, {arrived}},
      {"drift_grows_with_values",
       {drift(0.1, 1), drift(1, 2), drift(10, 3)},
       {drift(0.1, 1), drift(1, 3), drift(10, 2)}}};
  return all;
}

TEST(Kernels, EveryClaimHoldsOnItsCourseAndFailsOnItsControl) {
  for (const Case& one : cases()) {
    EXPECT_TRUE(all_hold(one.claim, one.holds)) << one.claim;
    EXPECT_FALSE(all_hold(one.claim, one.fails)) << one.claim;
  }
}

TEST(Kernels, NoClaimIsWithoutAControl) {
  for (const Claim& claim : kernel_claims())
    EXPECT_NE(std::ranges::find(cases(), claim.name, &Case::claim), cases().end())
        << claim.name << " needs a line in `cases`";
}

}  // namespace
}  // namespace attnlab

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
  double value_scale = 1, rate = 1;
  const char* trained = "W_V";
  Settings patch = Settings::object();  // JSON merge patch of the settings
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
  Settings settings{{"seed", course.seed},
                    {"task", {{"samples", 4}, {"tokens", 4}, {"outputs", 4}, {"dim", course.dim}}},
                    {"model",
                     {{"heads", 1},
                      {"train", {course.trained}},
                      {"init", {{"W_V", {{"normal", course.value_scale}}}}},
                      {"attention", {{"kernel", {{"plugin", course.kernel}}}}}}},
                    {"optimizer", {{"learning_rate", course.rate}}}};
  settings.merge_patch(course.patch);
  return {number, std::move(settings), std::move(records)};
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
  Course out{
      kernel,
      {{"loss", {1, half, end}}, {"grad_norm", {1, 1, slope}}, {"convex_floor", Numbers(3, 0.2)}},
      seed};
  out.trained = "W_Q";
  return out;
}
// Twenty seeds of both kernels; so many of softmax and of the gaussian converge.
std::vector<Course> seeds(int softmax, int gaussian) {
  std::vector<Course> out;
  for (int seed = 0; seed < 20; ++seed) {
    out.push_back(ends("softmax", 0.3, seed < softmax ? 0 : 0.3, 0, seed));
    out.push_back(ends("gaussian", 0.3, seed < gaussian ? 0 : 0.3, 0, seed));
  }
  return out;
}
// The gaussian at one rate: loss at the end (1 at first) and mean row sum.
Course stepping(double rate, double end, double mass) {
  Course out = ends("gaussian", 0.5, end, 0);
  out.series["kernel_row_mass"] = {1, mass, mass};
  out.rate = rate;
  return out;
}
// Construction 2: keys -1, 0, 1 with values 0.6, 0.2, 1; three equal targets.
Course basin(double target, double end) {
  Course out = ends("softmax", end, end, 0);
  out.patch = Settings::parse(R"({
    "task": {"inputs": {"values": [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]}},
    "model": {"key_dim": 1, "attention": {"kernel": {"temperature": 1.0}},
              "init": {"W_K": {"values": [[-1], [0], [1]]}, "W_V": {"values": [[0.6], [0.2], [1.0]]},
                       "W_O": {"values": [[1.0]]}}}})");
  out.patch["task"]["targets"]["values"] = std::vector<double>(3, target);
  return out;
}
Course above(double end, double floor) {
  Course out = ends("gaussian", end, end, 0);
  out.series["mass_floor"] = Numbers(3, floor);
  return out;
}
Course sigma(double end) { return {"softmax", {{"feature_sigma_min", {1, end}}}}; }
Course wide(int dim, double end, double residual) {
  return {
      "softmax", {{"loss", {1, end}}, {"least_squares_residual", {residual, residual}}}, 0, dim};
}
Course rank(const char* kernel, double r) {
  Course out{kernel, {{"jacobian_rank", {r, r}}}};
  out.trained = "W_Q";
  return out;
}
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
      {"width_transition", {wide(8, 0.1, 0.1)}, {wide(8, 0.09, 0.1)}},  // below the least there is
      {"width_transition", {wide(16, 0, 1e-25)}, {wide(16, 0.1, 0.1)}},
      {"row_stochastic_stall", {stalled, arrived}, {reached}},
      {"row_stochastic_stall", {stalled}, {stuck}},
      {"kernel_separation", {stalled, arrived}, {reached, arrived}},
      {"separation_over_seeds", seeds(0, 19), seeds(1, 20)},
      {"separation_over_seeds", seeds(0, 20), seeds(0, 18)},
      {"basin_at_infinity", {basin(0.8, 0.06), arrived}, {basin(0.8, 1e-13)}},
      {"basin_at_infinity", {basin(0.8, 0.06)}, {basin(1.1, 0.2)}},  // beyond all values
      {"jacobian_rank", {rank("softmax", 48), rank("gaussian", 64)}, {rank("softmax", 64)}},
      {"gaussian_out_of_reach", {above(0.3, 0.2)}, {above(0.1, 0.2)}},
      {"gaussian_out_of_reach", {above(0.3, 0.2)}, {above(0.3, 0)}},  // within reach
      {"gaussian_dies_of_large_steps",
       {stepping(0.01, 1e-9, 1), stepping(20, 1.1, 1e-12)},
       {stepping(0.01, 1e-9, 1), stepping(20, 0.5, 0.2)}},
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

TEST(Kernels, ClaimsOnQueriesAloneSayNothingOfOtherTrials) {
  const auto is_judged = [](const char* claim, const Course& course) {
    const RecordsOfTrial trial = trial_of(0, course);
    return !std::isnan(
        judge_claims(std::vector<std::string>{claim}, {&trial})->front().finding.measured);
  };
  for (const auto& [claim, course] : {std::pair{"row_stochastic_stall", ends("softmax", 1, 1, 0)},
                                      std::pair{"basin_at_infinity", basin(0.8, 0.06)},
                                      std::pair{"jacobian_rank", rank("softmax", 48)},
                                      std::pair{"gaussian_out_of_reach", above(0.3, 0.2)}}) {
    EXPECT_TRUE(is_judged(claim, course)) << claim;
    Course with_values = course;
    with_values.trained = "W_V";
    EXPECT_FALSE(is_judged(claim, with_values)) << claim;
  }
  Course unbounded = above(0.3, 0.2);
  unbounded.kernel = "exponential";
  EXPECT_FALSE(is_judged("gaussian_out_of_reach", unbounded));
}

TEST(Kernels, NoClaimIsWithoutAControl) {
  for (const Claim& claim : kernel_claims())
    EXPECT_NE(std::ranges::find(cases(), claim.name, &Case::claim), cases().end())
        << claim.name << " needs a line in `cases`";
}

}  // namespace
}  // namespace attnlab

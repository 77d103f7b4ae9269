// surface_test.cpp: directions that are as long as the weights, and a loss whose Hessian is known.
#include "landscape/surface.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "landscape/centre.hpp"
#include "landscape/directions.hpp"
#include "support/trial.hpp"

namespace attnlab {
namespace {

using testing::built_plugins;
using testing::trial_settings;

// Parameters at the end of a trial, and its loss there.
struct Trained {
  std::vector<double> w;
  double loss;
};
Trained trained(const Settings& settings) {
  testing::Diary diary;
  EXPECT_EQ(testing::run(settings, diary).error, "");
  Trained out{std::vector<double>(static_cast<std::size_t>(diary.layout.n)),
              diary.pages.back().loss};
  for (std::size_t b = 0; b < diary.layout.blocks.size(); ++b)
    std::ranges::copy(diary.pages.back().parameters[b],
                      out.w.begin() + diary.layout.blocks[b].offset);
  return out;
}

std::unique_ptr<LossSurface> surface_of(const Settings& settings, Index n_samples = 0) {
  auto made = LossSurface::make(settings, built_plugins(), ".", n_samples, 1);
  EXPECT_TRUE(made);
  return *std::move(made);
}

TEST(LossSurface, HasTheBitsOfTheTrialAtItsEnd) {
  const Settings settings = trial_settings();
  const Trained end = trained(settings);
  const auto surface = surface_of(settings);
  const auto at = surface->at(end.w);
  ASSERT_TRUE(at);
  EXPECT_EQ(at->loss, end.loss);
  EXPECT_EQ(surface_of(settings, 5)->n_samples(), 5);
}

double column_norm(const ParameterBlock& b, const std::vector<double>& of, Index h, Index c) {
  double sum = 0;
  for (Index r = 0; r < b.rows; ++r) {
    const double x = of[static_cast<std::size_t>(b.offset + (h * b.rows + r) * b.columns + c)];
    sum += x * x;
  }
  return std::sqrt(sum);
}

TEST(FilterDirections, AreAsLongAsTheWeightsFilterByFilter) {
  const Settings settings = trial_settings(Settings::parse(R"({
    "model": {"embedding": "learned", "dim": 6, "heads": 2, "key_dim": 3, "value_dim": 3, "bias": true,
              "output_projection": true, "norm": "pre_layer"}})"));
  const Trained end = trained(settings);
  const auto surface = surface_of(settings);
  const ParameterLayout& layout = surface->layout();
  const Directions d = filter_directions(layout, end.w, 11, false);
  Index n_compared = 0;
  for (const ParameterBlock& b : layout.blocks) {
    const bool moves = b.base_name.starts_with("W_") && b.base_name != "W_E" && b.trained;
    for (Index h = 0; h < b.heads; ++h) {
      for (Index c = 0; c < b.columns; ++c) {
        const double expected = moves ? column_norm(b, end.w, h, c) : 0;
        EXPECT_NEAR(column_norm(b, d.alpha, h, c), expected, 1e-12) << b.name;
        EXPECT_NEAR(column_norm(b, d.beta, h, c), expected, 1e-12) << b.name;
        n_compared += moves ? 1 : 0;
      }
    }
  }
  EXPECT_GT(n_compared, 20);
  EXPECT_NE(d.alpha, d.beta);
  EXPECT_EQ(filter_directions(layout, end.w, 11, false).alpha, d.alpha);
  EXPECT_NE(filter_directions(layout, end.w, 12, false).alpha, d.alpha);
  EXPECT_GT(n_moving(layout, true), n_moving(layout, false));
}

// Only W_V moves, so the outputs are linear in it and half the squared error is quadratic: a
// difference of gradients over a step of one is a column of the Hessian, up to rounding.
TEST(Centre, KnowsTheHessianOfALinearModel) {
  const Settings settings = trial_settings(Settings::parse(R"({
    "task": {"plugin": "token_regression", "samples": 4, "tokens": 4, "dim": 32, "outputs": 1,
             "inputs": null, "targets": {"normal": 1}},
    "loss": "squared",
    "model": {"embedding": "learned", "dim": 32, "heads": 4, "key_dim": 8, "value_dim": 8, "output_projection": true,
              "readout": "tokens", "head": "none", "train": ["W_V"]},
    "optimizer": {"plugin": "gradient_descent", "learning_rate": 0.01, "momentum": 0.0, "nesterov": false,
                  "weight_decay": 0.0},
    "training": {"steps": 20}})"));
  const Trained end = trained(settings);
  const auto surface = surface_of(settings);
  const Index n = surface->layout().n_trained;
  ASSERT_EQ(n, 32 * 32);
  Eigen::MatrixXd h(n, n);
  std::vector<double> moved = end.w, here(static_cast<std::size_t>(n)), there(here);
  ASSERT_TRUE(surface->gradient(end.w, here));
  for (Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    moved[at] += 1;
    ASSERT_TRUE(surface->gradient(moved, there));
    for (Index j = 0; j < n; ++j)
      h(j, i) = there[static_cast<std::size_t>(j)] - here[static_cast<std::size_t>(j)];
    moved[at] = end.w[at];
  }
  const Eigen::VectorXd all = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(h).eigenvalues();
  const auto centre = look_at_centre(*surface, end.w, 5, 1);
  ASSERT_TRUE(centre);
  ASSERT_EQ(centre->top.values.size(), 5u);
  for (Index i = 0; i < 5; ++i) {
    const double expected = all[n - 1 - i];
    EXPECT_NEAR(centre->top.values[static_cast<std::size_t>(i)], expected, 1e-6 * expected) << i;
  }
  EXPECT_EQ(centre->value.loss, end.loss);
}

}  // namespace
}  // namespace attnlab

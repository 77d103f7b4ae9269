// optimizer_reference_test.cpp: lbfgs against torch.optim.LBFGS, muon against NumPy, gradient_flow
// against small Runge-Kutta steps in NumPy, on the same network.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "contract/optimizer_course.hpp"

namespace attnlab::contract {
namespace {

// A valley that bends, so that line searches bracket and zoom: sum 100 (p_i+1 - p_i^2)^2 + (1 -
// p_i)^2.
double valley(const double* p, double* gradient) {
  constexpr int n = 4;
  double loss = 0;
  for (int i = 0; i < n; ++i) gradient[i] = 0;
  for (int i = 0; i + 1 < n; ++i) {
    const double bend = p[i + 1] - p[i] * p[i], off = 1 - p[i];
    loss += 100 * bend * bend + off * off;
    gradient[i] += -400 * bend * p[i] - 2 * off;
    gradient[i + 1] += 200 * bend;
  }
  return loss;
}

Settings written(const Course<double>& course) {
  return {{"time", course.time}, {"after", course.p}};
}

// What both sides start from, and what ours made of it.
Settings descent(const std::string& title, const std::string& kind, Settings options, double rate,
                 bool in_valley, int n_steps) {
  const Network network;
  const std::vector<Matrix> one = {{"W_V", 1, 1, 4}};
  options["plugin"] = kind;
  const Loss<double> loss = in_valley ? Loss<double>(valley) : Loss<double>(network);
  Course<double> course(options, in_valley ? one : Network::matrices(), loss, n_steps);
  if (!course.optimizer) return ADD_FAILURE() << course.refusal, Settings{};
  course.start(in_valley ? 1.0 : 0.7);
  for (double& r : course.rates) r = rate;
  Settings out = {{"title", title},
                  {"kind", kind},
                  {"loss", in_valley ? "valley" : "network"},
                  {"options", options},
                  {"rate", rate},
                  {"start", course.p},
                  {"x", network.x},
                  {"target", network.target},
                  {"steps", Settings::array()}};
  for (int s = 0; s < n_steps; ++s) {
    EXPECT_TRUE(course.step());
    out["steps"].push_back(written(course));
  }
  return out;
}

// Given gradients; each matrix has its own rate.
Settings given_gradients(const std::string& title, Settings options) {
  options["plugin"] = "muon";
  Course<double> course(options, Network::matrices(), Network(), 12);
  if (!course.optimizer) return ADD_FAILURE() << course.refusal, Settings{};
  course.start(0.7);
  course.rates = {0.05, 0.02, 0.01};
  Settings out = {{"title", title},        {"kind", "muon"},    {"options", options},
                  {"rates", course.rates}, {"start", course.p}, {"steps", Settings::array()}};
  for (std::uint64_t s = 0; s < 12; ++s) {
    for (std::size_t i = 0; i < course.g.size(); ++i) course.g[i] = random_normal(8, s, i);
    Settings step = {{"gradient", course.g}};
    EXPECT_TRUE(course.step_with_gradient(0));
    step.update(written(course));
    out["steps"].push_back(step);
  }
  return out;
}

TEST(OptimizerReference, TakesTheSameSteps) {
  Settings all = Settings::array();
  const Settings log = {{"end_time", 4.0},
                        {"spacing", "log"},
                        {"first_time", 0.1},
                        {"relative_tolerance", 1e-10},
                        {"absolute_tolerance", 1e-12}};
  all.push_back(descent("network", "lbfgs", Settings::object(), 1, false, 25));
  all.push_back(descent("a short memory", "lbfgs", {{"history_size", 3}}, 0.5, false, 25));
  all.push_back(descent("valley", "lbfgs", Settings::object(), 1, true, 30));
  all.push_back(descent("steps far too long", "lbfgs", Settings::object(), 30, true, 12));
  all.push_back(descent("no search", "lbfgs", {{"line_search", "none"}}, 0.1, false, 25));
  all.push_back(descent("adaptive", "gradient_flow", log, 1, false, 12));
  all.push_back(descent("evenly", "gradient_flow", {{"end_time", 8.0}}, 0.5, false, 6));
  all.push_back(
      descent("rk4", "gradient_flow", {{"method", "rk4"}, {"step_size", 0.02}}, 1, false, 50));
  all.push_back(given_gradients("nesterov", Settings::object()));
  all.push_back(given_gradients("plain", {{"nesterov", false}, {"momentum", 0.8}}));
  all.push_back(given_gradients("decay", {{"weight_decay", 0.1}, {"scale", "match_adam"}}));
  all.push_back(given_gradients("adam", {{"adam_matrices", "W_E W_O"},
                                         {"adam_rate_factor", 0.5},
                                         {"newton_schulz_steps", 3},
                                         {"beta1", 0.8}}));
  const std::string file = testing::TempDir() + "attnlab_optimizer_reference.json";
  std::ofstream(file) << all.dump();
  const std::string command =
      "/usr/bin/python3 " ATTNLAB_SOURCE_DIR "/tests/contract/optimizer_reference.py " + file;
  const int status = std::system(command.c_str());
  std::remove(file.c_str());
  ASSERT_NE(status, -1);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "PyTorch is not installed (python3-torch)";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see the lines above";
}

// The matrix that Newton-Schulz steps end in has all singular values near 1.
TEST(Muon, MovesEverySingularDirectionAlike) {
  Course<double> course({{"plugin", "muon"}, {"momentum", 0.0}, {"nesterov", false}},
                        {{"W_Q", 1, 2, 2}}, {}, 1);
  course.g = {100, 0, 0, 1};
  ASSERT_TRUE(course.step_with_gradient(0));
  EXPECT_NEAR(course.p[0], -1, 0.35);
  EXPECT_NEAR(course.p[3], -1, 0.35);
  EXPECT_NEAR(course.p[1], 0, 1e-12);
}

TEST(Muon, AgreesInBothPrecisions) {
  Course<double> twice({{"plugin", "muon"}}, Network::matrices(), Network(), 20);
  Course<float> single({{"plugin", "muon"}}, Network::matrices(), Network(), 20);
  twice.start(0.7);
  single.start(0.7);
  twice.rates = single.rates = {0.02, 0.02, 0.001};
  twice.run(20);
  single.run(20);
  for (std::size_t i = 0; i < twice.p.size(); ++i) EXPECT_NEAR(single.p[i], twice.p[i], 1e-4);
}

TEST(Lbfgs, StaysAtAMinimum) {
  Course<double> course({{"plugin", "lbfgs"}}, Network::matrices(), Network(), 400);
  course.start(0.7);
  course.run(400);
  const auto before = course.p;
  course.run(1);
  EXPECT_EQ(course.p, before);
}

TEST(Lbfgs, TurnsBackFromALossThatIsNotANumber) {
  const Loss<double> wall = [](const double* p, double* g) {  // (p - 1)^2 / 2 below 1.5
    g[0] = p[0] - 1;
    return p[0] < 1.5 ? g[0] * g[0] / 2 : std::nan("");
  };
  Course<double> course({{"plugin", "lbfgs"}}, {{"W_Q", 1, 1, 1}}, wall, 10);
  course.rates = {5};
  course.run(10);
  EXPECT_NEAR(course.p[0], 1, 1e-6);
}

// On p / w with w = (1, 1/2) the loss has another shape; the minimum is the same.
TEST(Lbfgs, FindsTheMinimumWithRatesThatDiffer) {
  Course<double> course({{"plugin", "lbfgs"}}, Network::matrices(), Network(), 60);
  Course<double> alike({{"plugin", "lbfgs"}}, Network::matrices(), Network(), 60);
  course.start(0.7);
  alike.start(0.7);
  course.rates = {1, 0.25, 0.5};
  course.run(3);
  alike.run(3);
  EXPECT_NE(course.p, alike.p);
  course.run(57);
  std::vector<double> g(course.p.size());
  EXPECT_LT(Network()(course.p.data(), g.data()), 1e-3);
}

}  // namespace
}  // namespace attnlab::contract

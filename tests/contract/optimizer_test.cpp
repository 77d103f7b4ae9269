// optimizer_test.cpp: what every optimizer promises, over all that were built, and single steps
// worked by hand.
#include "contract/optimizer_drive.hpp"

namespace attnlab::contract {
namespace {

std::vector<std::string> all_optimizers() {
  return names(built_plugins().catalogue(), PluginKind::optimizer);
}

class EveryOptimizer : public testing::TestWithParam<std::string> {
 protected:
  Settings settings() const { return {{"plugin", GetParam()}}; }
};

TEST_P(EveryOptimizer, FindsTheMinimumOfAQuadratic) {
  Drive<double> drive(built_plugins(), settings());
  const double before = drive.loss();
  ASSERT_TRUE(drive.descend(400));
  EXPECT_LT(drive.loss(), 0.02 * before);
}

TEST_P(EveryOptimizer, TakesTheSameStepsInSingleAndDoublePrecision) {
  Drive<float> single(built_plugins(), settings());
  Drive<double> twice(built_plugins(), settings());
  // Few steps: near the minimum a sign or a line search may turn on the last bit.
  ASSERT_TRUE(single.descend(5));
  ASSERT_TRUE(twice.descend(5));
  for (std::int64_t i = 0; i < n_numbers; ++i) {
    EXPECT_NEAR(single.p()[i], twice.p()[i], 2e-5) << "parameter " << i;
  }
}

// A checkpoint holds parameters and state and nothing else: a new instance must go on with the same
// bits.
TEST_P(EveryOptimizer, KeepsAllItRemembersInItsState) {
  Drive<double> whole(built_plugins(), settings());
  ASSERT_TRUE(whole.descend(20));

  Drive<double> first(built_plugins(), settings());
  ASSERT_TRUE(first.descend(9));
  Drive<double> second(built_plugins(), settings());
  second.parameters = first.parameters;
  second.state = first.state;
  second.n_done = first.n_done;
  second.time = first.time;
  first.optimizer.reset();
  ASSERT_TRUE(second.descend(11));
  EXPECT_EQ(std::memcmp(whole.p(), second.p(), sizeof(double) * n_numbers), 0);
  EXPECT_EQ(whole.time, second.time);
}

TEST_P(EveryOptimizer, WritesNowhereButIntoItsBuffers) {
  Drive<float> single(built_plugins(), settings());
  Drive<double> twice(built_plugins(), settings());
  ASSERT_TRUE(single.descend(7));
  ASSERT_TRUE(twice.descend(7));
  EXPECT_TRUE(single.guards_hold());
  EXPECT_TRUE(twice.guards_hold());
}

TEST_P(EveryOptimizer, LeavesAMatrixOfRateZeroAlone) {
  Drive<double> drive(built_plugins(), settings());
  drive.rates[1] = 0;
  ASSERT_TRUE(drive.descend(6));
  for (std::int64_t i = 0; i < n_numbers; ++i) {
    const double before = i % 2 == 0 ? 1.0 : -1.0;
    if (i >= 6) {
      EXPECT_EQ(drive.p()[i], before) << "parameter " << i;
    } else if (i > 0) {
      EXPECT_NE(drive.p()[i], before) << "parameter " << i;
    }
  }
}

TEST_P(EveryOptimizer, DoesNotHideAGradientThatIsNotANumber) {
  Drive<double> drive(built_plugins(), settings());
  const double loss = quadratic(drive.p(), drive.g());
  for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = std::nan("");
  const bool went_on = drive.step(loss);
  EXPECT_TRUE(!went_on || std::isnan(drive.p()[2]));
}

TEST_P(EveryOptimizer, KeepsTimeOnlyIfItSaysSo) {
  Drive<double> drive(built_plugins(), settings());
  ASSERT_TRUE(drive.descend(3));
  EXPECT_EQ(drive.optimizer->has_time(), drive.time != 0);
}

INSTANTIATE_TEST_SUITE_P(All, EveryOptimizer, testing::ValuesIn(all_optimizers()),
                         [](const auto& tested) { return tested.param; });

// Steps by hand: p = 1, gradients 2 and then 3 on parameter 0.

double after_two_steps(const Settings& settings, double rate,
                       double momentum = std::numeric_limits<double>::quiet_NaN()) {
  Drive<double> drive(built_plugins(), settings);
  drive.rates[0] = drive.rates[1] = rate;
  drive.momentum = momentum;
  for (const double gradient : {2.0, 3.0}) {
    for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = gradient;
    EXPECT_TRUE(drive.step());
  }
  return drive.p()[0];
}

TEST(GradientDescent, TakesTheStepsWorkedByHand) {
  const std::string name = "gradient_descent";
  EXPECT_DOUBLE_EQ(after_two_steps({{"plugin", name}}, 0.1), 1 - 0.1 * 2 - 0.1 * 3);
  // v = 2, then 0.5 * 2 + 3 = 4
  EXPECT_DOUBLE_EQ(after_two_steps({{"plugin", name}, {"momentum", 0.5}}, 0.1), 1 - 0.2 - 0.4);
  // 2 + 0.5 * 2 = 3, then 3 + 0.5 * 4 = 5
  EXPECT_DOUBLE_EQ(after_two_steps({{"plugin", name}, {"momentum", 0.5}, {"nesterov", true}}, 0.1),
                   1 - 0.3 - 0.5);
  // g = 2 + 0.5 * 1 = 2.5: p = 0.75; then g = 3 + 0.5 * 0.75 = 3.375
  EXPECT_DOUBLE_EQ(after_two_steps({{"plugin", name}, {"weight_decay", 0.5}}, 0.1), 0.75 - 0.3375);
}

TEST(GradientDescent, LetsTheScheduleReplaceItsMomentum) {
  EXPECT_DOUBLE_EQ(after_two_steps({{"plugin", "gradient_descent"}}, 0.1, 0.5), 1 - 0.2 - 0.4);
}

TEST(GradientDescent, WantsMomentumForNesterov) {
  const attnlab_problem problem{sizeof problem, 0, 0, 1, 0, nullptr};
  const auto made = Optimizer::create(
      built_plugins(), {{"plugin", "gradient_descent"}, {"nesterov", true}}, problem);
  ASSERT_FALSE(made);
  EXPECT_EQ(sentence(made.errors()[0]),
            "optimizer plugin 'gradient_descent': nesterov needs a momentum above 0");
}

// At the first step m^ = g and v^ = g^2, so that the step is rate g / (|g| + epsilon).
TEST(Adam, BeginsWithAStepOfTheRate) {
  Drive<double> drive(built_plugins(), {{"plugin", "adam"}, {"epsilon", 0.5}});
  for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = -2;
  ASSERT_TRUE(drive.step());
  EXPECT_NEAR(drive.p()[0], 1 + 0.05 * 2 / 2.5, 1e-15);
}

// m = 0.5 * 2 = 1, then 0.5 * 1 + 1.5 = 2; v = 0.25 * 4 = 1, then 0.75 * 1 + 0.25 * 9 = 3.
TEST(Adam, TakesTheStepsWorkedByHand) {
  const Settings settings = {{"plugin", "adam"}, {"beta1", 0.5}, {"beta2", 0.75}, {"epsilon", 0.0}};
  const double second = (2 / (1 - 0.25)) / std::sqrt(3 / (1 - 0.5625));
  EXPECT_NEAR(after_two_steps(settings, 0.1), 1 - 0.1 - 0.1 * second, 1e-15);
  // The schedule's momentum stands in for beta1.
  const Settings other = {{"plugin", "adam"}, {"beta1", 0.9}, {"beta2", 0.75}, {"epsilon", 0.0}};
  EXPECT_NEAR(after_two_steps(other, 0.1, 0.5), 1 - 0.1 - 0.1 * second, 1e-15);
}

TEST(Adam, DecaysTheParametersThemselvesIfDecoupled) {
  const Settings settings = {
      {"plugin", "adam"}, {"epsilon", 0.0}, {"weight_decay", 0.5}, {"decoupled", true}};
  Drive<double> drive(built_plugins(), settings);
  for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = 2;
  ASSERT_TRUE(drive.step());
  EXPECT_NEAR(drive.p()[0], 1 - 0.05 * 0.5 - 0.05, 1e-15);
}

TEST(Sign, MovesByTheRateWhateverTheGradient) {
  EXPECT_DOUBLE_EQ(after_two_steps({{"plugin", "sign"}}, 0.25), 0.5);
  Drive<double> still(built_plugins(), {{"plugin", "sign"}});
  for (std::int64_t i = 0; i < n_numbers; ++i) still.g()[i] = 0;
  ASSERT_TRUE(still.step());
  EXPECT_EQ(still.p()[0], 1.0);
}

// -1 + 2 p is positive at p = 1: the decay turns the step round.
TEST(Sign, AddsItsWeightDecayToTheGradient) {
  Drive<double> drive(built_plugins(), {{"plugin", "sign"}, {"weight_decay", 2.0}});
  for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = -1;
  ASSERT_TRUE(drive.step());
  EXPECT_DOUBLE_EQ(drive.p()[0], 1 - 0.05);
}

TEST(Sign, SumsGradientsIfItsMomentumForgetsNothing) {
  Drive<double> drive(built_plugins(), {{"plugin", "sign"}, {"momentum", 1.0}});
  for (const double gradient : {3.0, -1.0, -4.0}) {  // sums 3, 2, -2: two steps down, one up
    for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = gradient;
    ASSERT_TRUE(drive.step());
  }
  EXPECT_DOUBLE_EQ(drive.p()[0], 1 - 0.05);
}

// p' = p - rate grad at p - rate / 2 grad(p): the C plugin asks the host for a second gradient.
TEST(FrozenOptimizer, AsksForGradientsAndKeepsTime) {
  const auto plugins =
      Plugins::scan({std::filesystem::path(ATTNLAB_BINARY_DIR) / "tests/contract/frozen"});
  ASSERT_TRUE(plugins);
  Drive<double> drive(*plugins, {{"plugin", "halving"}});
  ASSERT_TRUE(drive.descend(2));
  EXPECT_TRUE(drive.optimizer->has_time());
  EXPECT_DOUBLE_EQ(drive.time, 0.1);
  // Parameter 0: c = 0.5, a = 0, so that each step multiplies by 1 - h c (1 - h c / 2), h = 0.05.
  const double factor = 1 - 0.025 * (1 - 0.0125);
  EXPECT_NEAR(drive.p()[0], factor * factor, 1e-15);
}

}  // namespace
}  // namespace attnlab::contract

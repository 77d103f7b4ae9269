// rates_test.cpp: schedules give PyTorch's numbers, learning rates find their matrices.
#include "train/rates.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace attnlab {
namespace {

Schedule schedule(const char* json) {
  auto made = schedule_of(Settings{{"schedule", Settings::parse(json)}});
  EXPECT_TRUE(made);
  return *made;
}

void expect_factors(const Schedule& schedule, const std::vector<double>& factors) {
  const auto n = static_cast<std::int64_t>(factors.size());
  for (std::int64_t s = 0; s < n; ++s)
    EXPECT_NEAR(schedule.factor(s, n), factors[static_cast<std::size_t>(s)], 1e-14) << s;
}

// torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=12, pct_start=4/12,
// anneal_strategy="linear"), PyTorch 1.13.
TEST(Schedule, OneCycleIsPyTorchs) {
  const Schedule cycle = schedule(
      R"({"shape": "one_cycle", "warm_up": 4, "start_factor": null, "final_factor": null})");
  expect_factors(cycle, {0.04, 0.36, 0.68, 1.0, 0.8750005, 0.750001, 0.6250015, 0.500002, 0.3750025,
                         0.250003, 0.1250035, 4e-06});
  const std::vector<double> momentum{0.95,
                                     0.9166666666666666,
                                     0.8833333333333333,
                                     0.85,
                                     0.8625,
                                     0.875,
                                     0.8875,
                                     0.9,
                                     0.9125,
                                     0.925,
                                     0.9375,
                                     0.95};
  for (std::int64_t s = 0; s < 12; ++s)
    EXPECT_NEAR(cycle.momentum(s, 12), momentum[static_cast<std::size_t>(s)], 1e-14);
}

// CosineAnnealingLR(T_max=12, eta_min=0.1): the period is the number of updates.
TEST(Schedule, CosineIsPyTorchs) {
  expect_factors(
      schedule(R"({"shape": "cosine", "final_factor": 0.1})"),
      {1.0, 0.984666621830081, 0.939711431702997, 0.868198051533946, 0.775, 0.666468570296134, 0.55,
       0.433531429703866, 0.325, 0.231801948466054, 0.160288568297003, 0.115333378169919});
}

// LinearLR(start_factor=0.2, total_iters=5).
TEST(Schedule, WarmUpIsPyTorchs) {
  expect_factors(schedule(R"({"shape": "warm_up", "warm_up": 5, "start_factor": 0.2})"),
                 {0.2, 0.36, 0.52, 0.68, 0.84, 1, 1, 1, 1, 1, 1, 1});
}

TEST(Schedule, APlainWordIsEnough) {
  EXPECT_EQ(schedule(R"("constant")").factor(3, 10), 1.0);
  EXPECT_NEAR(schedule(R"("cosine")").factor(5, 10), 0.5, 1e-15);
  EXPECT_NEAR(schedule(R"("warm-up")").factor(5, 100), 0.5, 1e-15);
  EXPECT_TRUE(std::isnan(schedule(R"("cosine")").momentum(3, 10)));
  EXPECT_FALSE(schedule_of(Settings{{"schedule", "cosin"}}));
}

// OneCycleLR(max_lr=1, total_steps=10, anneal_strategy="linear"): its pct_start is 0.3.
TEST(Schedule, OneCycleAloneRisesForThreeTenthsOfTheUpdates) {
  const Schedule cycle = schedule(R"("one_cycle")");
  EXPECT_NEAR(cycle.factor(0, 10), 0.04, 1e-15);
  EXPECT_NEAR(cycle.factor(1, 10), 0.52, 1e-15);
  EXPECT_NEAR(cycle.factor(2, 10), 1.0, 1e-15);
  EXPECT_NEAR(cycle.factor(9, 10), 4e-6, 1e-15);
}

TEST(Schedule, ShortTrialsHaveNoHoles) {
  for (const char* shape : {"warm_up", "cosine", "one_cycle"}) {
    for (int warm_up = 0; warm_up < 4; ++warm_up) {
      for (std::int64_t n = 1; n < 4; ++n) {
        Schedule s = schedule((R"({"shape": ")" + std::string(shape) + R"("})").c_str());
        s.warm_up = warm_up;
        for (std::int64_t i = 0; i < n; ++i)
          EXPECT_TRUE(std::isfinite(s.factor(i, n))) << shape << warm_up << n << i;
      }
    }
  }
}

ParameterLayout two_layers() {
  ParameterLayout layout;
  for (const char* layer : {"layer0.", "layer1."}) {
    for (const char* name : {"W_Q", "W_K"}) {
      ParameterBlock block;
      block.name = layer + std::string(name);
      block.base_name = name;
      layout.blocks.push_back(block);
    }
  }
  return layout;
}

TEST(LearningRates, FullNamesWinOverShortOnesAndShortOverDefault) {
  const auto rates = learning_rates(
      Settings::parse(R"({"learning_rate": {"layer1.W_Q": 3.0, "W_Q": 2.0, "default": 1.0}})"),
      two_layers());
  ASSERT_TRUE(rates);
  EXPECT_EQ(*rates, (std::vector<double>{2, 1, 3, 1}));
}

TEST(LearningRates, AnUnknownNameOrAMissingRateIsAnError) {
  EXPECT_FALSE(learning_rates(Settings::parse(R"({"learning_rate": {"W_X": 1.0, "default": 1.0}})"),
                              two_layers()));
  EXPECT_FALSE(learning_rates(Settings::parse(R"({"learning_rate": {"W_Q": 1.0}})"), two_layers()));
}

}  // namespace
}  // namespace attnlab

// record_steps_test.cpp: the three rules for when to record.
#include "observe/record_steps.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {

using Steps = std::vector<std::int64_t>;

Steps steps(const char* rule, std::int64_t last) {
  return record_steps(Settings::parse(rule), last);
}

TEST(RecordSteps, EveryNthAndTheLast) {
  EXPECT_EQ(steps(R"({"every": 4})", 10), (Steps{0, 4, 8, 10}));
  EXPECT_EQ(steps(R"({"every": 5})", 10), (Steps{0, 5, 10}));
  EXPECT_EQ(steps(R"({"every": 5})", 0), (Steps{0}));
}

TEST(RecordSteps, LogSpacedBeginsAtZeroAndEndsAtTheLast) {
  EXPECT_EQ(steps(R"({"log_spaced": 4})", 1000), (Steps{0, 1, 10, 100, 1000}));
  const Steps many = steps(R"({"log_spaced": 200})", 30000);
  EXPECT_EQ(many.front(), 0);
  EXPECT_EQ(many.back(), 30000);
  EXPECT_GT(many.size(), 140u);
  EXPECT_LE(many.size(), 201u);
  EXPECT_EQ(steps(R"({"log_spaced": 1})", 7), (Steps{0, 7}));
}

TEST(RecordSteps, AListMayNameTheLastAndIsSortedOnce) {
  EXPECT_EQ(steps(R"({"steps": [10, "last", 0, 10, 99]})", 20), (Steps{0, 10, 20}));
  EXPECT_EQ(steps(R"({"steps": []})", 20), Steps{});
}

TEST(RecordSteps, MetricsAlwaysHoldTheLast) {
  EXPECT_EQ(metric_steps(Settings::parse(R"({"steps": [0, 1, 10]})"), 50), (Steps{0, 1, 10, 50}));
}

}  // namespace
}  // namespace attnlab

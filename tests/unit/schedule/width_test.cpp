// width_test.cpp: side by side or one at a time.
#include "schedule/width.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace attnlab {
namespace {

constexpr double plenty = 1e12;

TEST(Width, SmallTrialsGoSideBySideOneThreadEach) {
  const std::vector<TrialCost> costs(100, {1e5, 1e8, 1e6});
  EXPECT_EQ(choose_width(costs, 8, 2, plenty, 0), (Width{8, 1}));
}

TEST(Width, LargeTrialsGoOneAtATimeWithAllThreads) {
  const std::vector<TrialCost> costs(100, {1e9, 1e12, 1e6});
  EXPECT_EQ(choose_width(costs, 8, 2, plenty, 0), (Width{1, 8}));
}

TEST(Width, ManyTinyTrialsDoNotOutvoteTheLargeOne) {
  std::vector<TrialCost> costs(100, {1e5, 1e6, 1e6});
  costs.push_back({1e9, 1e12, 1e9});
  EXPECT_EQ(choose_width(costs, 4, 1, plenty, 0), (Width{1, 4}));
}

TEST(Width, FewTrialsShareTheThreads) {
  const std::vector<TrialCost> costs(4, {1e5, 1e8, 1e6});
  EXPECT_EQ(choose_width(costs, 8, 2, plenty, 0), (Width{2, 4}));
}

TEST(Width, MemoryLimitsHowManyAndTheUserDecidesLast) {
  const std::vector<TrialCost> costs(100, {1e5, 1e8, 1e9});
  EXPECT_EQ(choose_width(costs, 8, 1, 3.5e9, 0), (Width{3, 2}));
  EXPECT_EQ(choose_width(costs, 8, 1, 3.5e9, 6), (Width{6, 1}));
  EXPECT_EQ(choose_width({}, 0, 1, 0, 0), (Width{1, 1}));
}

TEST(Width, ShortTrialsAreAskedForInAdvanceLongOnesAreNot) {
  EXPECT_EQ(reserve(0, 4), -1);  // not known yet
  EXPECT_EQ(reserve(0.01, 2), 2);
  EXPECT_EQ(reserve(10, 2), -1);
}

}  // namespace
}  // namespace attnlab

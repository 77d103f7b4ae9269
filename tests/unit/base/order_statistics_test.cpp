// order_statistics_test.cpp: the median and the correlation of ranks, worked by hand.
#include "base/order_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attnlab {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Median, IsTheMiddleOneOrTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
  EXPECT_TRUE(std::isnan(median({1, nan, 2})));
}

TEST(Spearman, ComparesRanks) {
  EXPECT_NEAR(spearman({1, 2, 3, 4, 5}, {10, 4, 5, 2, 1}), -0.9, 1e-12);
  EXPECT_NEAR(spearman({1, 1, 2, 2}, {3, 3, 4, 4}), 1, 1e-12);  // ties share their rank
  EXPECT_NEAR(spearman({1, 2, 3}, {1, 1, 2}), std::sqrt(0.75), 1e-12);
  EXPECT_TRUE(std::isnan(spearman({1, 2}, {3, 3})));
}

}  // namespace
}  // namespace attnlab

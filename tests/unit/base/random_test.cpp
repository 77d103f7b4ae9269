// random_test.cpp: random numbers are a function of (seed, stream, index) and look random.
#include "base/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace attnlab {
namespace {

// Random123's own known answer for Philox4x32-10 with counter and key zero: 6627e8d5 e169c58d
// bc57ac4c 9b00dbd8.
TEST(Random, IsPhiloxByItsPublishedKnownAnswer) {
  EXPECT_EQ(random_bits(0, 0, 0), 0xe169c58d6627e8d5u);
  EXPECT_EQ(random_bits(0, 0, 1), 0x9b00dbd8bc57ac4cu);
}

TEST(Random, NormalsHaveMeanZeroAndVarianceOne) {
  const int n = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random_normal(7, 9, static_cast<std::uint64_t>(i));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0.0, 4.0 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1.0, 4.0 * std::sqrt(2.0 / n));
}

TEST(Random, APermutationHoldsEveryNumberOnceAndDependsOnTheSeed) {
  std::vector<Index> a(50), b(50);
  random_permutation(1, streams::epochs, a);
  random_permutation(2, streams::epochs, b);
  EXPECT_EQ(std::set<Index>(a.begin(), a.end()).size(), 50u);
  EXPECT_NE(a, b);
}

TEST(Random, ManyBitsAreThoseOfOneAfterTheOther) {
  const std::uint64_t seed = 0x123456789abcdef0u, stream = 0xfedcba9876543210u;
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{6},
                                    std::uint64_t{7}, (std::uint64_t{1} << 33) - 5}) {
    for (const std::size_t n : {0u, 1u, 2u, 3u, 8u, 9u, 31u, 32u, 33u, 64u, 101u}) {
      std::vector<std::uint64_t> bits(n, 1);
      random_bits(seed, stream, first, bits);
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(bits[i], random_bits(seed, stream, first + i));
    }
  }
}

}  // namespace
}  // namespace attnlab

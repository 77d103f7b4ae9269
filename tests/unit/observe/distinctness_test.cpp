// distinctness_test.cpp: scores of keys, from windows small enough to count by hand.
#include "observe/distinctness.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace attnlab {
namespace {

// Query 5 at the end; key 1 comes with next 8, key 2 with next 9, key 3 with both.
TextWindow window(std::int32_t key, std::int32_t next) { return {{3, key, 5}, {-1, -1, next}}; }

TEST(Distinctness, IsTheMutualInformationWithOneAddedCount) {
  const std::vector<TextWindow> asked{window(1, 8), window(2, 8)};
  Distinctness text(asked, Mask::causal);
  for (int i = 0; i < 4; ++i) text.count(window(1, 8));
  for (int i = 0; i < 2; ++i) text.count(window(2, 9));
  // c_m = 18 pairs (three keys a query), c_mn = 12; c_ml: key 1 four, key 2 two, key 3 six.
  EXPECT_NEAR(text.score(5, 1, 8), std::log((4 + 1) / (4 * 12 / 18.0 + 1)), 1e-12);
  EXPECT_NEAR(text.score(5, 2, 8), std::log((0 + 1) / (2 * 12 / 18.0 + 1)), 1e-12);
  EXPECT_NEAR(text.score(5, 3, 8), 0, 1e-12);  // says nothing: it is everywhere
  EXPECT_NEAR(text.score(5, 5, 8), 0, 1e-12);  // the query itself neither
}

TEST(Distinctness, WhatWasNeverCountedSaysNothing) {
  const std::vector<TextWindow> asked{window(1, 8)};
  const Distinctness text(asked, Mask::causal);
  EXPECT_EQ(text.score(5, 1, 8), 0);
}

TEST(Distinctness, CountsOnlyKeysThatTheMaskLetsThrough) {
  EXPECT_EQ(n_keys_of(Mask::none, 1, 3), 3);
  EXPECT_EQ(n_keys_of(Mask::causal, 1, 3), 2);
  EXPECT_EQ(n_keys_of(Mask::causal_exclusive, 1, 3), 1);
  const TextWindow ahead{{5, 1, 4}, {8, 4, -1}};  // key 1 stands behind query 5
  const std::vector<TextWindow> asked{ahead, window(1, 8)};
  Distinctness causal(asked, Mask::causal), all(asked, Mask::none);
  for (Distinctness* text : {&causal, &all}) {
    text->count({{5, 2, 4}, {9, 4, -1}});
    text->count(ahead);
  }
  EXPECT_EQ(causal.score(5, 1, 8), 0);
  EXPECT_GT(all.score(5, 1, 8), 0);
}

}  // namespace
}  // namespace attnlab

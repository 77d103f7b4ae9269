// task_cooccurrence_test.cpp: the data are those of Definition 2.1, sample by sample.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "task_border.hpp"

namespace attnlab {
namespace {

using border::Sample;
using border::Task;
using nlohmann::json;

std::int64_t count(const Sample& s, int token) {
  return std::count(s.tokens.begin(), s.tokens.end(), token);
}

TEST(Cooccurrence, EveryTrainingSampleIsOfItsGroup) {
  const Task task("cooccurrence", json::object());
  ASSERT_TRUE(task.exists()) << task.sentence();
  ASSERT_EQ(task.shape.n_samples[0], 60);
  EXPECT_EQ(task.shape.n_samples[1], 0);
  EXPECT_EQ(task.shape.vocabulary, 64);
  EXPECT_EQ(task.shape.max_tokens, 5);
  EXPECT_EQ(task.shape.target, ATTNLAB_TARGET_SIGN);
  EXPECT_STREQ(task.shape.groups[0], "both");
  EXPECT_STREQ(task.shape.groups[3], "neither");
  std::map<int, int> share;
  for (int i = 0; i < 60; ++i) {
    const Sample s = task.sample(0, i);
    ++share[s.group];
    ASSERT_EQ(s.tokens.size(), 5u);
    EXPECT_EQ(count(s, 2), 1);
    EXPECT_EQ(count(s, 0), s.group == 0 || s.group == 1);
    EXPECT_EQ(count(s, 1), s.group == 0 || s.group == 2);
    EXPECT_EQ(s.target_ids[0], s.group == 0 ? 1 : -1);
    for (const int t : s.tokens) EXPECT_TRUE(t >= 0 && t < 64) << t;
  }
  EXPECT_EQ(share, (std::map<int, int>{{0, 30}, {1, 10}, {2, 10}, {3, 10}}));
}

TEST(Cooccurrence, ASampleDependsOnSeedSplitAndIndexOnly) {
  const Task a("cooccurrence", {{"samples", 12}, {"validation_samples", 9}});
  const Task b("cooccurrence", {{"samples", 60}, {"validation_samples", 3}});
  const Task other("cooccurrence", {{"samples", 12}}, 2);
  for (int i = 11; i >= 0; --i) EXPECT_EQ(a.sample(0, i).tokens, b.sample(0, i).tokens);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(a.sample(1, i).tokens, b.sample(1, i).tokens);
  int n_equal = 0;
  for (int i = 0; i < 12; ++i) n_equal += a.sample(0, i).tokens == other.sample(0, i).tokens;
  EXPECT_LT(n_equal, 4);
  EXPECT_NE(a.sample(0, 0).tokens, a.sample(0, 6).tokens);
}

TEST(Cooccurrence, PlacesAndRandomTokensAreUniform) {
  const Task task("cooccurrence", {{"samples", 60000}, {"dim", 13}});
  std::array<std::array<int, 5>, 3> places{};
  std::array<int, 13> tokens{};
  std::map<std::pair<std::ptrdiff_t, std::ptrdiff_t>, int> pairs;  // of the targets
  for (int i = 0; i < 60000; ++i) {
    const Sample s = task.sample(0, i);
    std::array<std::ptrdiff_t, 3> at{};
    for (std::size_t l = 0; l < 5; ++l) {
      ++tokens[static_cast<std::size_t>(s.tokens[l])];
      if (s.tokens[l] > 2) continue;
      ++places[static_cast<std::size_t>(s.tokens[l])][l];
      at[static_cast<std::size_t>(s.tokens[l])] = static_cast<std::ptrdiff_t>(l);
    }
    if (s.group == 0) ++pairs[{at[0], at[1]}];
  }
  // Five standard deviations of a binomial count.
  const auto near = [](int n, double trials, double p) {
    EXPECT_NEAR(n, trials * p, 5 * std::sqrt(trials * p * (1 - p)));
  };
  for (std::size_t l = 0; l < 5; ++l) {
    near(places[0][l], 40000, 0.2);
    near(places[1][l], 40000, 0.2);
    near(places[2][l], 60000, 0.2);
  }
  EXPECT_EQ(pairs.size(), 20u);
  for (const auto& [pair, n] : pairs) near(n, 30000, 0.05);
  for (std::size_t t = 3; t < 13; ++t) near(tokens[t], 60000 * (5 - 7.0 / 3), 0.1);
}

TEST(Cooccurrence, ValidationSamplesDrawTheirGroup) {
  const Task task("cooccurrence", {{"validation_samples", 6000}});
  std::map<int, int> share;
  for (int i = 0; i < 6000; ++i) {
    const Sample s = task.sample(1, i);
    ++share[s.group];
    EXPECT_EQ(count(s, 2), 1);
    EXPECT_EQ(count(s, 0) + 2 * count(s, 1),
              (std::array{3, 1, 2, 0}[static_cast<std::size_t>(s.group)]));
  }
  EXPECT_NEAR(share[0], 3000, 200);
  for (int group = 1; group < 4; ++group) EXPECT_NEAR(share[group], 1000, 150);
  EXPECT_NE(share[0], 3000);  // drawn, not counted out
}

TEST(Cooccurrence, DistinctRandomTokensOccurOnceAndFillTheVocabulary) {
  const json settings{{"distinct_random_tokens", true}, {"dim", 163}};  // 3 + 60 (5 - 7/3)
  const Task task("cooccurrence", settings);
  ASSERT_TRUE(task.exists()) << task.sentence();
  std::set<int> seen;
  for (int i = 0; i < 60; ++i) {
    for (const int t : task.sample(0, i).tokens) {
      const bool is_new = t <= 2 || seen.insert(t).second;
      EXPECT_TRUE(is_new) << t << " twice";
    }
  }
  EXPECT_EQ(seen.size(), 160u);
  const Task other("cooccurrence", settings, 2);
  EXPECT_NE(task.sample(0, 5).tokens, other.sample(0, 5).tokens);
}

TEST(Cooccurrence, ImpossibleSettingsAreSentences) {
  const Task full("cooccurrence", {{"distinct_random_tokens", true}, {"dim", 162}});
  EXPECT_FALSE(full.exists());
  EXPECT_NE(full.sentence().find("at least 163"), std::string::npos) << full.sentence();
  const Task odd("cooccurrence", {{"samples", 50}});
  EXPECT_FALSE(odd.exists());
  EXPECT_NE(odd.sentence().find("multiple of 6"), std::string::npos) << odd.sentence();
  EXPECT_NE(odd.sentence().find("48 or 54"), std::string::npos) << odd.sentence();
  const Task brief("cooccurrence", {{"sequence_length", 2}});
  EXPECT_FALSE(brief.exists());
  EXPECT_NE(brief.sentence().find("sequence_length"), std::string::npos) << brief.sentence();
}

TEST(Cooccurrence, TheShortestSequenceHoldsAllThreeSpecialTokens) {
  const Task task("cooccurrence", {{"sequence_length", 3}, {"dim", 4}});
  Sample s = task.sample(0, 0);
  std::sort(s.tokens.begin(), s.tokens.end());
  EXPECT_EQ(s.tokens, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(task.token_name(0), "mu_1");
}

}  // namespace
}  // namespace attnlab

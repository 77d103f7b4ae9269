// task_regression_test.cpp: token_regression hands over the numbers it was given, and draws the
// others as asked.
#include <gtest/gtest.h>

#include "task_border.hpp"

namespace attnlab {
namespace {

using border::Sample;
using border::Task;
using nlohmann::json;

struct Moments {
  double mean = 0, variance = 0, low = 1e300, high = -1e300;
};

Moments moments(const Task& task, std::vector<double> Sample::*which) {
  Moments m;
  double n = 0;
  for (std::int64_t i = 0; i < task.shape.n_samples[0]; ++i) {
    const Sample sample = task.sample(0, i);
    for (const double x : sample.*which) {
      m.mean += x, m.variance += x * x, n += 1;
      m.low = std::min(m.low, x), m.high = std::max(m.high, x);
    }
  }
  m.mean /= n;
  m.variance = m.variance / n - m.mean * m.mean;
  return m;
}

TEST(TokenRegression, DefaultsAreThePrototypesOfThePaper) {
  const Task task("token_regression", json::object());
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.n_samples[0], 4);
  EXPECT_EQ(task.shape.max_tokens, 4);
  EXPECT_EQ(task.shape.input_dim, 32);
  EXPECT_EQ(task.shape.outputs, 1);
  EXPECT_EQ(task.shape.input, ATTNLAB_INPUT_DENSE);
  EXPECT_EQ(task.shape.target, ATTNLAB_TARGET_REAL);
  EXPECT_EQ(task.shape.target_per_token, 1);
}

TEST(TokenRegression, RandomNumbersHaveTheAskedDistribution) {
  const json sizes{{"samples", 100}, {"tokens", 10}, {"dim", 16}, {"outputs", 16}};
  const Task task("token_regression", sizes);
  const Moments x = moments(task, &Sample::inputs), y = moments(task, &Sample::targets);
  EXPECT_NEAR(x.mean, 0, 5 * 0.25 / std::sqrt(16000));
  EXPECT_NEAR(x.variance, 1.0 / 16, 5 * std::sqrt(2.0 / 16000) / 16);
  EXPECT_NEAR(y.variance, 1.0, 5 * std::sqrt(2.0 / 16000));

  json other = sizes;
  other["inputs"] = {{"normal", 3}};
  other["targets"] = {{"uniform", {0.5, 0.9}}};
  const Task drawn("token_regression", other);
  const Moments u = moments(drawn, &Sample::targets);
  EXPECT_NEAR(moments(drawn, &Sample::inputs).variance, 9, 5 * 9 * std::sqrt(2.0 / 16000));
  EXPECT_GE(u.low, 0.5);
  EXPECT_LT(u.high, 0.9);
  EXPECT_NEAR(u.mean, 0.7, 5 * 0.4 / std::sqrt(12 * 16000.0));
}

TEST(TokenRegression, SeedsDifferAndOneSeedRepeats) {
  const Task a("token_regression", json::object(), 1), b("token_regression", json::object(), 1);
  const Task c("token_regression", json::object(), 2);
  EXPECT_EQ(a.sample(0, 3).inputs, b.sample(0, 3).inputs);
  EXPECT_NE(a.sample(0, 3).inputs, c.sample(0, 3).inputs);
  EXPECT_NE(a.sample(0, 3).targets, c.sample(0, 3).targets);
}

TEST(TokenRegression, ExplicitValuesArriveUnchangedAndFixTheSizes) {
  const json x = json::parse("[[[1, 2], [3, 4.5], [5, 6]], [[7, 8], [9, 10], [-11, 1e-3]]]");
  const json y = json::parse("[[[1], [2], [3]], [[4], [5], [6]]]");
  for (const bool bare : {false, true}) {  // a bare list is short for {values: list}
    const Task task("token_regression", {{"inputs", bare ? x : json{{"values", x}}},
                                         {"targets", bare ? y : json{{"values", y}}}});
    ASSERT_TRUE(task.exists()) << task.sentence();
    EXPECT_EQ(task.shape.n_samples[0], 2);
    EXPECT_EQ(task.shape.max_tokens, 3);
    EXPECT_EQ(task.shape.input_dim, 2);
    const Sample s = task.sample(0, 1);
    EXPECT_EQ(s.inputs, (std::vector<double>{7, 8, 9, 10, -11, 1e-3}));
    EXPECT_EQ(s.targets, (std::vector<double>{4, 5, 6}));
  }
  const Task drawn("token_regression", {{"inputs", x}});
  EXPECT_EQ(drawn.shape.n_samples[0], 2);
  EXPECT_EQ(drawn.sample(0, 0).targets.size(), 3u);
}

TEST(TokenRegression, WrongValuesAreSentencesThatSayWhatWasFoundAndExpected) {
  const auto sentence = [](const json& given) {
    const Task task("token_regression", given);
    EXPECT_FALSE(task.exists());
    return task.sentence();
  };
  const auto says = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  const json x = json::parse("[[[1, 2], [3, 4]]]");
  std::string s = sentence({{"inputs", x}, {"dim", 3}});
  says(s, "[1, 2, 2]");
  says(s, "[1, 2, 3]");
  says(s, "inputs");
  says(sentence({{"inputs", x}, {"targets", json::parse("[[[1]]]")}}), "targets.values");
  says(sentence({{"inputs", json::parse("[[[1, 2], [3]]]")}}), "inputs[0][1] has 1 entries, but 2");
  says(sentence({{"inputs", json::parse("[[1, 2], [3, 4]]")}}), "nested three deep");
  says(sentence({{"inputs", json::parse("[[[1, \"a\"]]]")}}), "inputs[0][0][1] is \"a\"");
  says(sentence({{"targets", {{"teacher", 1}}}}), "'teacher'");
  says(sentence({{"targets", "mass_deficit"}}), "mass_deficit");
  says(sentence({{"targets", {{"normal", -1}}}}), "not negative");
  says(sentence({{"targets", {{"uniform", {2, 1}}}}}), "a <= b");
  says(sentence({{"inputs", json::array()}}), "empty");
  says(sentence({{"samples", 1'000'000}, {"tokens", 1000}, {"dim", 1000}}), "about 8000 GB");
}

}  // namespace
}  // namespace attnlab

// task_listops_test.cpp: ListOps, its generator against the published statistics, its evaluator
// against 10,100 answers that others computed, its files sound and damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "task_border.hpp"
#include "task_text_files.hpp"

namespace attnlab {
namespace {

using border::Folder;
using border::Sample;
using border::Task;
using nlohmann::json;

void says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::string sentence(const std::string& content, json more = json::object()) {
  const Folder folder;
  more["path"] = folder.write("a.tsv", content);
  const Task task("listops", more);
  EXPECT_FALSE(task.exists()) << task.report();
  return task.sentence();
}

// The value of the expression that the tokens spell, another way than the plugin's: by recursion.
int value(const std::vector<std::int32_t>& ids, std::size_t& at) {
  const int id = ids.at(at++);
  if (id <= 10) return id - 1;
  std::multiset<int> arguments;
  while (ids.at(at) != 15) arguments.insert(value(ids, at));
  ++at;
  const auto n = static_cast<std::ptrdiff_t>(arguments.size());
  const int low = *std::next(arguments.begin(), (n - 1) / 2);
  const int high = *std::next(arguments.begin(), n / 2);
  if (id == 11) return *arguments.begin();
  if (id == 12) return *arguments.rbegin();
  if (id == 13) return static_cast<int>(0.5 * (low + high));
  int sum = 0;
  for (const int x : arguments) sum += x;
  return sum % 10;
}

std::size_t depth(const std::vector<std::int32_t>& ids) {
  std::size_t open = 0, deepest = 1;
  for (const int id : ids) {
    if (id >= 11 && id <= 14) ++open;
    if (id == 15) --open;
    if (id <= 10) deepest = std::max(deepest, open + 1);
  }
  return deepest;
}

class Shared : public testing::Test {
 protected:
  void SetUp() override {
    if (!border::fs::exists(data)) GTEST_SKIP() << data << " is absent";
  }
  const std::string data = ATTNLAB_SOURCE_DIR "/../shared/data";
};

TEST_F(Shared, AllTenThousandOriginalExpressionsHaveTheirAnswers) {
  const Task task("listops", {{"path", data + "/listops_nyu/test_d20s.tsv.gz"}});
  ASSERT_TRUE(task.exists()) << task.sentence();  // a wrong answer would be an error
  ASSERT_EQ(task.shape.n_samples[0], 10000);
  std::array<int, 10> counts{};
  std::size_t shortest = 1000, longest = 0;
  for (int i = 0; i < 10000; ++i) {
    const Sample s = task.sample(0, i);
    std::size_t at = 0;
    ASSERT_EQ(value(s.tokens, at), s.target_ids[0]) << i;
    ASSERT_EQ(at, s.tokens.size());
    ++counts[static_cast<std::size_t>(s.target_ids[0])];
    shortest = std::min(shortest, s.tokens.size());
    longest = std::max(longest, s.tokens.size());
  }
  EXPECT_EQ(counts, (std::array{1127, 1038, 967, 978, 991, 969, 895, 930, 964, 1141}));
  EXPECT_EQ(shortest, 1u);
  EXPECT_EQ(longest, 939u);
}

TEST_F(Shared, TheFoldersOfTheLongRangeArena) {
  for (const std::string folder : {"/lra_listops", "/lra_listops/listops-1000"}) {
    const Task task("listops", {{"path", data + folder}});
    ASSERT_TRUE(task.exists()) << task.sentence();
    EXPECT_EQ(task.shape.n_samples[0], 60);
    EXPECT_EQ(task.shape.n_samples[1], 20);
    EXPECT_EQ(task.shape.n_samples[2], 20);
  }
  const Task few("listops", {{"path", data + "/lra_listops"}, {"samples", 7}, {"max_length", 700}});
  ASSERT_TRUE(few.exists()) << few.sentence();
  EXPECT_EQ(few.shape.n_samples[0], 7);
  for (int i = 0; i < 7; ++i) EXPECT_LE(few.sample(0, i).tokens.size(), 700u);
  says(few.report(), {"too long", "answers 0 to 9:"});
}

TEST(ListOps, OneExpressionByHand) {
  const Folder folder;
  const std::string file = folder.write("a.tsv",
                                        "Source\tTarget\r\n( ( ( [MED 2 ) 9 ) ] )\t5\r\n"
                                        "[MAX 4 [MIN 2 9 ] [SM 7 8 ] ]\t5\r\n");
  const Task task("listops", {{"path", file}, {"max_length", 20}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.sample(0, 0).tokens, (std::vector<std::int32_t>{13, 3, 10, 15}));
  EXPECT_EQ(task.sample(0, 1).tokens,
            (std::vector<std::int32_t>{12, 5, 11, 3, 10, 15, 14, 8, 9, 15, 15}));
  EXPECT_EQ(task.shape.vocabulary, 16);
  EXPECT_EQ(task.shape.outputs, 10);
  EXPECT_EQ(task.shape.max_tokens, 20);
  EXPECT_EQ(task.token_name(0), "<pad>");
  EXPECT_EQ(task.token_name(1), "0");
  EXPECT_EQ(task.token_name(13), "[MED");
  EXPECT_EQ(task.token_name(15), "]");
}

TEST(ListOps, ASampleIsAFunctionOfSeedSplitAndIndex) {
  const json rules{{"min_length", 20}, {"max_length", 128}, {"validation_samples", 30}};
  json finite = rules;
  finite["samples"] = 50;
  const Task kept("listops", finite, 3), fresh("listops", rules, 3), other("listops", finite, 4);
  EXPECT_EQ(fresh.shape.n_samples[0], 0);
  EXPECT_EQ(kept.shape.n_samples[0], 50);
  int n_equal = 0;
  for (int i = 49; i >= 0; --i) {
    EXPECT_EQ(kept.sample(0, i).tokens, fresh.sample(0, i).tokens);
    n_equal += kept.sample(0, i).tokens == other.sample(0, i).tokens ? 1 : 0;
    if (i >= 30) continue;
    EXPECT_NE(kept.sample(0, i).tokens, kept.sample(1, i).tokens);
  }
  EXPECT_EQ(n_equal, 0);
}

TEST(ListOps, DrawnTreesKeepTheRulesAndTheirAnswers) {
  const Task task("listops",
                  {{"min_length", 20}, {"max_length", 128}, {"samples", 3000}, {"max_depth", 6}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  std::size_t shortest = 1000, longest = 0, deepest = 0;
  std::array<int, 16> ids{};
  for (int i = 0; i < 3000; ++i) {
    const Sample s = task.sample(0, i);
    std::size_t at = 0;
    ASSERT_EQ(value(s.tokens, at), s.target_ids[0]) << i;
    shortest = std::min(shortest, s.tokens.size());
    longest = std::max(longest, s.tokens.size());
    deepest = std::max(deepest, depth(s.tokens));
    for (const int id : s.tokens) ++ids[static_cast<std::size_t>(id)];
  }
  EXPECT_EQ(shortest, 21u);
  EXPECT_EQ(longest, 127u);
  EXPECT_EQ(deepest, 6u);
  EXPECT_EQ(ids[0], 0);
  for (int op = 11; op < 15; ++op) EXPECT_NEAR(ids[op] * 4.0 / ids[15], 1.0, 0.05);
}

// Accepted trees and answers as measured with the benchmark's own generator (400,000 draws).
TEST(ListOps, StatisticsAreThoseOfTheBenchmark) {
  struct Case {
    int low, high;
    double fitting;  // percent
  };
  for (const Case c : {Case{500, 2000, 8.3}, {100, 512, 5.0}, {50, 256, 2.6}, {20, 128, 2.7}}) {
    const int n = 4000;
    const Task task("listops", {{"min_length", c.low}, {"max_length", c.high}, {"samples", n}});
    ASSERT_TRUE(task.exists()) << task.sentence();
    const std::string report = task.report();
    const std::size_t at = report.find("drawn; ");
    ASSERT_NE(at, std::string::npos) << report;
    EXPECT_NEAR(std::stod(report.substr(at + 7)), c.fitting, 0.05 * c.fitting + 0.1) << report;
    std::array<double, 10> share{};
    for (int i = 0; i < n; ++i) {
      share[static_cast<std::size_t>(task.sample(0, i).target_ids[0])] += 1.0 / n;
    }
    for (std::size_t a = 1; a < 9; ++a) EXPECT_NEAR(share[a], 0.083, 0.025) << a;
    EXPECT_NEAR(share[0], 0.165, 0.025);
    EXPECT_NEAR(share[9], 0.165, 0.025);
    std::printf("%d..%d: %s\n", c.low, c.high, report.c_str());
  }
}

TEST(ListOps, RulesThatNoTreeKeepsAreASentence) {
  const Task flat("listops", {{"max_depth", 1}});
  says(flat.sentence(), {"more than 500 and fewer than 2000", "max_depth"});
  const Task crossed("listops", {{"min_length", 100}, {"max_length", 50}});
  says(crossed.sentence(), {"more than 100 and fewer than 50"});
}

TEST(ListOps, MoreThanTheMemoryHoldsIsASentenceAtOnce) {
  const Task many("listops", {{"samples", 1'000'000'000},
                              {"validation_samples", 1'000'000'000},
                              {"min_length", 1'000'000},
                              {"max_length", 2'000'000}});
  says(many.sentence(), {"2000000000 expressions", "1862662 GiB of memory", "take fewer"});
}

TEST(ListOps, DamagedFiles) {
  says(sentence("5\t5\n[MIN 4 5 ]\n"), {"a.tsv:2", "two fields", "'[MIN 4 5 ]'"});
  says(sentence("5\t5\n4\t[MIN 4 5\n"), {"a.tsv:2", "not closed", "cut off"});
  says(sentence("4\t4 ]\n"), {"a.tsv:1", "']' follows the end"});
  says(sentence("4\t[MIN ]\n"), {"a.tsv:1", "no arguments"});
  says(sentence("4\t[FIRST 4 5 ]\n"), {"a.tsv:1", "'[FIRST' is no token"});
  says(sentence("good\t[MAX 4 5 ]\n"), {"a.tsv:1", "answer from 0 to 9", "'good'"});
  says(sentence("5\t[MAX 4 5 ]\n3\t[MAX 4 5 ]\n2\t[MIN 4 5 ]\n"),
       {"a.tsv:2", "said to be 3", "gives 5", "2 of 3"});
  says(sentence("Source\tTarget\r\n"), {"a.tsv is empty"});
  says(sentence(""), {"a.tsv is empty"});
  says(sentence("5\t[MAX 4 5 ]\n", {{"max_length", 3}}), {"all 1 expressions", "raise max_length"});
  says(sentence("5\t5\n", {{"validation_samples", 1}}), {"none is left"});
  const Task none("listops", {{"path", "/nowhere"}});
  says(none.sentence(), {"/nowhere does not exist", "basic_train.tsv", "long-range-arena"});
  const Folder folder;
  folder.write("a.txt", "5");
  says(Task("listops", {{"path", folder.path()}}).sentence(), {"no training file", "basic_train"});
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += "5\t[MAX 4 5 " + std::to_string(i % 5) + " ]\n";
  const std::string whole = border::gzipped(lines);
  const std::string cut = folder.write("b.tsv.gz", whole.substr(0, whole.size() / 2));
  says(Task("listops", {{"path", cut}}).sentence(), {"b.tsv.gz", "cut off"});
  const std::string sound = folder.write("c.tsv.gz", whole);
  const Task task("listops", {{"path", sound}, {"validation_samples", 100}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.n_samples[0], 2900);
  EXPECT_EQ(task.shape.n_samples[1], 100);
}

}  // namespace
}  // namespace attnlab

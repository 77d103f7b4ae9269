// task_text_test.cpp: text_classification reads every layout users have; counts are those that the
// data's README states.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "task_border.hpp"
#include "task_text_files.hpp"

namespace attnlab {
namespace {

using border::Sample;
using border::Task;
using nlohmann::json;

std::map<int, int> classes(const Task& task, int split) {
  std::map<int, int> out;
  for (std::int64_t i = 0; i < task.shape.n_samples[split]; ++i) {
    ++out[task.sample(split, i).target_ids[0]];
  }
  return out;
}

// The texts of a split, whatever their order.
std::multiset<std::string> texts(const Task& task, int split) {
  std::multiset<std::string> out;
  for (std::int64_t i = 0; i < task.shape.n_samples[split]; ++i) out.insert(task.text(split, i));
  return out;
}

class Shared : public testing::Test {
 protected:
  void SetUp() override {
    if (!border::fs::exists(data)) GTEST_SKIP() << data << " is absent";
  }
  const std::string data = ATTNLAB_SOURCE_DIR "/../shared/data";
};

TEST_F(Shared, ImdbTsvWithHeader) {
  const Task task("text_classification", {{"path", data + "/imdb/imdb_train.tsv.gz"},
                                          {"validation", data + "/imdb/imdb_test.tsv.gz"},
                                          {"max_length", 20000}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(classes(task, 0), (std::map<int, int>{{0, 1996}, {1, 2004}}));
  EXPECT_EQ(classes(task, 1), (std::map<int, int>{{0, 484}, {1, 512}}));
  EXPECT_EQ(task.shape.outputs, 2);
  EXPECT_EQ(task.shape.vocabulary, 257);
  std::size_t low = 1 << 30, high = 0, sum = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::size_t n = task.sample(0, i).tokens.size();
    low = std::min(low, n), high = std::max(high, n), sum += n;
  }
  EXPECT_EQ(low, 106u);
  EXPECT_EQ(high, 13704u);
  EXPECT_EQ((sum + 2000) / 4000, 1348u);
  EXPECT_NE(task.report().find("classes 0 1996, 1 2004"), std::string::npos) << task.report();
}

TEST_F(Shared, ImdbFolderTreeHasTheSameReviewsAsTheTsv) {
  const json settings{{"path", data + "/imdb/aclImdb_mini"}, {"max_length", 20000}};
  json with_test = settings;
  with_test["validation"] = "test";
  const Task tree("text_classification", with_test);
  ASSERT_TRUE(tree.exists()) << tree.sentence();
  EXPECT_EQ(classes(tree, 0), (std::map<int, int>{{0, 10}, {1, 10}}));
  EXPECT_EQ(classes(tree, 1), (std::map<int, int>{{0, 10}, {1, 10}}));
  const Task tsv(
      "text_classification",
      {{"path", data + "/imdb/imdb_train.tsv.gz"}, {"validation", 0}, {"max_length", 20000}});
  const auto all = texts(tsv, 0);
  for (const std::string& text : texts(tree, 0)) EXPECT_EQ(all.count(text), 1u);

  const Task share("text_classification", settings);  // test/ is left alone by default
  EXPECT_EQ(share.shape.n_samples[0], 16);
  EXPECT_EQ(share.shape.n_samples[1], 4);
}

TEST_F(Shared, FolderPerClassOneLevel) {
  const Task task("text_classification",
                  {{"path", data + "/polarity_v2/txt_sentoken"}, {"validation", 0.25}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.n_samples[0], 60);
  EXPECT_EQ(task.shape.n_samples[1], 20);
  EXPECT_NE(task.report().find("neg "), std::string::npos);
  EXPECT_NE(task.report().find("60 cut off at 512"), std::string::npos) << task.report();
}

TEST_F(Shared, FilePerClassIsNotUtf8) {
  const Task task("text_classification", {{"path", data + "/rt_polarity"}, {"validation", 0}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(classes(task, 0), (std::map<int, int>{{0, 5331}, {1, 5331}}));
  int n_high = 0;
  std::size_t longest = 0;
  for (int i = 0; i < 10662; ++i) {
    const Sample s = task.sample(0, i);
    n_high += std::any_of(s.tokens.begin(), s.tokens.end(), [](int t) { return t > 0x80; });
    longest = std::max(longest, s.tokens.size());
  }
  EXPECT_EQ(n_high, 202);
  EXPECT_EQ(longest, 269u);
}

TEST_F(Shared, LinesOfLabelAndText) {
  const Task task("text_classification", {{"path", data + "/sst2/stsa.binary.train.gz"},
                                          {"validation", data + "/sst2/stsa.binary.dev"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(classes(task, 0), (std::map<int, int>{{0, 3310}, {1, 3610}}));
  EXPECT_EQ(classes(task, 1), (std::map<int, int>{{0, 428}, {1, 444}}));
  const Task folder("text_classification", {{"path", data + "/sst2"}, {"validation", "test"}});
  ASSERT_TRUE(folder.exists()) << folder.sentence();
  EXPECT_EQ(classes(folder, 1), (std::map<int, int>{{0, 912}, {1, 909}}));
}

TEST_F(Shared, CsvWithQuotes) {
  const Task task(
      "text_classification",
      {{"path", data + "/ag_news/test.csv.gz"}, {"validation", 0}, {"max_length", 4096}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(classes(task, 0), (std::map<int, int>{{0, 1900}, {1, 1900}, {2, 1900}, {3, 1900}}));
  std::size_t low = 1 << 30, high = 0;
  for (int i = 0; i < 7600; ++i) {
    const std::size_t n = task.sample(0, i).tokens.size();
    low = std::min(low, n), high = std::max(high, n);
  }
  EXPECT_EQ(low, 100u);
  EXPECT_EQ(high, 892u);
}

TEST(TextClassification, ByteIdsAreByteValuesPlusOneAndTextsAreCut) {
  const border::Folder folder;
  const std::string file = folder.write("a.tsv", std::string("neg\tabc\npos\tx\0\xff\n", 15));
  const Task task("text_classification", {{"path", file}, {"validation", 0}, {"max_length", 2}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  std::map<int, std::vector<std::int32_t>> by_class;
  for (int i = 0; i < 2; ++i) {
    const Sample s = task.sample(0, i);
    by_class[s.target_ids[0]] = s.tokens;
  }
  EXPECT_EQ(by_class[0], (std::vector<std::int32_t>{'a' + 1, 'b' + 1}));
  EXPECT_EQ(by_class[1], (std::vector<std::int32_t>{'x' + 1, 1}));  // a zero byte is no padding
  EXPECT_NE(task.report().find("2 cut off at 2"), std::string::npos) << task.report();
  EXPECT_EQ(task.token_name(0), "<pad>");
  EXPECT_EQ(task.token_name('a' + 1), "a");
  EXPECT_EQ(task.token_name(256), "0xff");
  EXPECT_TRUE((task.flags() & ATTNLAB_TASK_SEEDLESS) != 0);
}

TEST(TextClassification, WordsAreRankedByCountOverTheTrainingPartOnly) {
  const border::Folder folder;
  const std::string train =
      folder.write("train.tsv", "label\ttext\n0\tb a b  c\n1\tb c \xe9t\xc3\xa9\n0\tB a\n");
  const std::string held_out = folder.write("held.tsv", "label\ttext\n1\tnew b new\n0\ta\n");
  const json settings{{"path", train}, {"validation", held_out}, {"unit", "word"}};
  const Task task("text_classification", settings);
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.vocabulary, 7);  // <pad> <unk> b a c B and one word that is no UTF-8
  EXPECT_EQ(task.token_name(1), "<unk>");
  EXPECT_EQ(task.token_name(2), "b");
  EXPECT_EQ(task.token_name(3), "a");  // as often as c, and before it
  EXPECT_EQ(task.token_name(4), "c");
  EXPECT_EQ(task.token_name(5), "B");
  EXPECT_EQ(task.token_name(6), "\\xe9t\xc3\xa9");
  std::map<int, std::vector<std::int32_t>> by_class;
  for (int i = 0; i < 2; ++i) {
    const Sample s = task.sample(1, i);
    by_class[s.target_ids[0]] = s.tokens;
  }
  EXPECT_EQ(by_class[1], (std::vector<std::int32_t>{1, 2, 1}));
  EXPECT_EQ(by_class[0], (std::vector<std::int32_t>{3}));

  json few = settings;
  few["vocabulary"] = 2;
  EXPECT_EQ(Task("text_classification", few).shape.vocabulary, 4);
  few["min_count"] = 3;
  EXPECT_EQ(Task("text_classification", few).shape.vocabulary, 3);
}

TEST(TextClassification, HeadersNumericClassesCsvFieldsAndByteOrderMarks) {
  const border::Folder folder;
  const std::string csv = folder.write(
      "a.csv",
      "\xef\xbb\xbfid,Review,Stars\r\n1,\"two\nlines, \"\"quoted\"\"\",10\r\n2,plain,9\r\n");
  const Task task("text_classification",
                  {{"path", csv}, {"validation", 0}, {"label_column", "Stars"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(texts(task, 0), (std::multiset<std::string>{"two\nlines, \"quoted\"", "plain"}));
  EXPECT_NE(task.report().find("9 1, 10 1"), std::string::npos) << task.report();  // as numbers
  const std::string glue = folder.write("g.tsv", "sentence\tlabel\r\ngood\t1\r\nbad one\t0\r\n");
  const Task headed("text_classification", {{"path", glue}, {"validation", 0}});
  EXPECT_EQ(texts(headed, 0), (std::multiset<std::string>{"good", "bad one"}));
}

TEST(TextClassification, OneSplitForAllSeedsAndLimitKeepsThatOrder) {
  const border::Folder folder;
  std::string lines;
  for (int i = 0; i < 100; ++i) {
    lines += (i % 2 == 0 ? "pos\t" : "neg\t") + ("text " + std::to_string(i)) + "\n";
  }
  const std::string file = folder.write("all.tsv", lines);
  const Task a("text_classification", {{"path", file}}, 1);
  const Task b("text_classification", {{"path", file}}, 2);
  EXPECT_EQ(a.shape.n_samples[0], 80);
  EXPECT_EQ(a.shape.n_samples[1], 20);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(a.text(1, i), b.text(1, i));
  for (const std::string& text : texts(a, 1)) EXPECT_EQ(texts(a, 0).count(text), 0u);
  const Task few("text_classification", {{"path", file}, {"limit", 10}, {"validation", 0}});
  const Task some("text_classification", {{"path", file}, {"limit", 20}, {"validation", 0}});
  EXPECT_EQ(few.shape.n_samples[0], 10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(few.text(0, i), some.text(0, i));
  const Task tenth("text_classification", {{"path", file}, {"validation", 0.1}});
  EXPECT_EQ(tenth.shape.n_samples[1], 10);
}

TEST(TextClassification, UnsupIsIgnoredEmptyTextsAreCountedPathsAreRelativeToTheGrid) {
  const border::Folder folder;
  for (const std::string part : {"train", "test"}) {
    folder.write(part + "/pos/0_9.txt", "good " + part);
    folder.write(part + "/pos/1_8.txt", " \n");
    folder.write(part + "/neg/0_1.txt", "bad " + part);
  }
  folder.write("train/unsup/0_0.txt", "who knows");
  folder.write("train/labeledBow.feat", "9 0:1");
  const Task task("text_classification", {{"path", folder.path()}, {"validation", "test"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(texts(task, 0), (std::multiset<std::string>{"good train", "bad train"}));
  EXPECT_EQ(texts(task, 1), (std::multiset<std::string>{"good test", "bad test"}));
  EXPECT_NE(task.report().find("2 empty texts"), std::string::npos) << task.report();
  EXPECT_NE(task.report().find("unsup"), std::string::npos) << task.report();
  const Task other("text_classification",
                   {{"path", folder.path() + "/train"}, {"validation", "test"}}, 1, folder.path());
  EXPECT_FALSE(other.exists());  // `test` is the data's own test part, and train/ has none
  const Task named("text_classification",
                   {{"path", folder.path() + "/train"}, {"validation", "./test"}}, 1,
                   folder.path());
  ASSERT_TRUE(named.exists()) << named.sentence();
  EXPECT_EQ(texts(named, 1), texts(task, 1));
}

}  // namespace
}  // namespace attnlab

// task_corpus_test.cpp: text_corpus reads the layouts of language models; counts are those that the
// data's README states.
#include <gtest/gtest.h>

#include <map>

#include "task_border.hpp"
#include "task_text_files.hpp"

namespace attnlab {
namespace {

using border::Folder;
using border::Sample;
using border::Task;
using nlohmann::json;
using Ids = std::vector<std::int32_t>;

void says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

Task corpus(const Folder& folder, const std::string& text, json more = json::object()) {
  more["path"] = folder.write("a.txt", text);
  if (!more.contains("validation")) more["validation"] = 0;
  return Task("text_corpus", more);
}

class Shared : public testing::Test {
 protected:
  void SetUp() override {
    if (!border::fs::exists(data)) GTEST_SKIP() << data << " is absent";
  }
  const std::string data = ATTNLAB_SOURCE_DIR "/../shared/data";
};

TEST_F(Shared, WikiTextHasItsPublishedTokens) {
  const Task task("text_corpus", {{"path", data + "/wikitext2/valid.txt"},
                                  {"validation", data + "/wikitext2/test.txt"},
                                  {"unit", "word"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  says(task.report(), {"training: 217646 words", "validation: 245569 words",
                       "13776 of 13776 different words", "20 columns of 10882"});
  EXPECT_EQ(task.shape.vocabulary, 13777);  // with <eos>, and <unk> as id 0
  EXPECT_EQ(task.shape.n_samples[0], 20 * 311);
  EXPECT_EQ(task.token_name(0), "<unk>");
  EXPECT_EQ(task.token_name(1), "the");
}

TEST_F(Shared, WikiTextAsTorchtextCutsIt) {  // counted with torchtext's patterns in Python
  const Task task("text_corpus", {{"path", data + "/wikitext2/valid.txt"},
                                  {"validation", data + "/wikitext2/test.txt"},
                                  {"words", "basic_english"},
                                  {"unit", "word"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  says(task.report(),
       {"training: 214417 words", "validation: 241859 words", "11999 of 11999 different words"});
}

TEST_F(Shared, TinyShakespeareByteByByte) {
  const Task task("text_corpus", {{"path", data + "/tinyshakespeare/input.txt"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  says(task.report(), {"training: 1003855 bytes", "validation: 111539 bytes", "0x20 15."});
  EXPECT_EQ(task.shape.vocabulary, 256);
  const Sample first = task.sample(0, 0);
  std::string text;
  for (const int id : first.tokens) text += static_cast<char>(id);
  EXPECT_EQ(text, "First Citizen:\nBefore we proceed an");
}

TEST(TextCorpus, ColumnsBlocksAndTargets) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 25; ++i) text += static_cast<char>('a' + i);
  const Task task = corpus(folder, text, {{"columns", 2}, {"sequence_length", 5}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  // Two columns of 12: a..l and m..x; y is dropped. Three blocks, of which the last is moved back.
  ASSERT_EQ(task.shape.n_samples[0], 6);
  EXPECT_EQ(task.shape.padded, 0);
  EXPECT_EQ(task.shape.target_per_token, 1);
  const auto spelt = [](const Ids& ids) {
    std::string out;
    for (const int id : ids) out += id < 0 ? '.' : static_cast<char>(id);
    return out;
  };
  const std::vector<std::string> tokens{"abcde", "mnopq", "fghij", "rstuv", "ghijk", "stuvw"};
  const std::vector<std::string> targets{"bcdef", "nopqr", "ghijk", "stuvw", "....l", "....x"};
  std::map<int, int> asked;
  for (std::size_t i = 0; i < 6; ++i) {
    const Sample s = task.sample(0, static_cast<std::int64_t>(i));
    EXPECT_EQ(spelt(s.tokens), tokens[i]);
    EXPECT_EQ(spelt(s.target_ids), targets[i]);
    for (const int id : s.target_ids) ++asked[id];
  }
  EXPECT_EQ(asked.size(), 23u);  // none, and 2 x 11 tokens, once each
  asked.erase(-1);
  for (const auto& [id, n] : asked) EXPECT_EQ(n, 1) << id;
  says(task.report(), {"22 targets"});
}

TEST(TextCorpus, WordsAreRankedByCountThenBytesAndOverTheTrainingPartOnly) {
  const Folder folder;
  const std::string held_out = folder.write("b.txt", "c new b <unk>\n");
  json more{{"unit", "word"}, {"columns", 1}, {"sequence_length", 2}, {"validation", held_out}};
  const Task task = corpus(folder, " b a b \r\n \n c <unk> b", more);
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.vocabulary, 5);  // <unk>, then <eos> 3, b 3, a 1, c 1
  EXPECT_EQ(task.token_name(1), "<eos>");
  EXPECT_EQ(task.token_name(2), "b");
  EXPECT_EQ(task.token_name(3), "a");
  EXPECT_EQ(task.token_name(4), "c");
  EXPECT_EQ(task.sample(0, 0).tokens, (Ids{2, 3}));
  EXPECT_EQ(task.sample(0, 1).tokens, (Ids{2, 1}));
  EXPECT_EQ(task.sample(0, 2).tokens, (Ids{1, 4}));
  EXPECT_EQ(task.sample(0, 3).tokens, (Ids{0, 2}));
  EXPECT_EQ(task.sample(1, 0).tokens, (Ids{4, 0}));
  says(task.report(), {"unknown: 40.0 %"});  // new and <unk>, of five
  EXPECT_TRUE((task.flags() & ATTNLAB_TASK_SEEDLESS) != 0);
  more["vocabulary"] = 1;
  EXPECT_EQ(corpus(folder, " b a b \n \n c <unk> b", more).shape.vocabulary, 2);
  more["vocabulary"] = 0, more["min_count"] = 2;
  EXPECT_EQ(corpus(folder, " b a b \n \n c <unk> b", more).shape.vocabulary, 3);
}

TEST(TextCorpus, BasicEnglish) {
  const Folder folder;
  const Task task = corpus(
      folder, "\"Don't (stop)\"; now: \xc3\x89t\xc3\xa9, OK?<br />Yes. <unk> \xff!\n",
      {{"unit", "word"}, {"words", "basic_english"}, {"columns", 1}, {"sequence_length", 15}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  std::string text;
  for (const int id : task.sample(0, 0).tokens) text += task.token_name(id) + "|";
  EXPECT_EQ(text, "don|'|t|(|stop|)|now|\xc3\xa9t\xc3\xa9|,|ok|?|yes|.|<unk>|\\xff|");
}

TEST(TextCorpus, FoldersInEveryLayoutPlainAndPacked) {
  const std::vector<std::array<std::string, 2>> layouts{
      {"wiki.", ".tokens"}, {"wiki.", ".raw"}, {"ptb.", ".txt"}, {"", ".txt"}};
  const json more{{"columns", 1}, {"sequence_length", 2}};
  for (const auto& [before, after] : layouts) {
    for (const bool packed : {false, true}) {
      const Folder folder;
      const auto write = [&](const std::string& part, const std::string& text) {
        folder.write(before + part + after + (packed ? ".gz" : ""),
                     packed ? border::gzipped(text) : text);
      };
      write("train", "train text"), write("valid", "valid"), write("test", "test");
      json own = more;
      own["path"] = folder.path();
      const Task task("text_corpus", own);
      ASSERT_TRUE(task.exists()) << task.sentence();
      EXPECT_EQ(task.sample(0, 0).tokens, (Ids{'t', 'r'}));
      EXPECT_EQ(task.sample(1, 0).tokens, (Ids{'v', 'a'}));
      EXPECT_EQ(task.sample(2, 0).tokens, (Ids{'t', 'e'}));
      own["validation"] = "test";
      EXPECT_EQ(Task("text_corpus", own).sample(1, 0).tokens, (Ids{'t', 'e'}));
      own["validation"] = 0.4;
      EXPECT_EQ(Task("text_corpus", own).sample(1, 0).tokens, (Ids{'t', 'e'}));  // "text"
    }
  }
}

TEST(TextCorpus, SharesLimitsAndShortParts) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i);
  json more{{"columns", 3}, {"sequence_length", 4}, {"validation", nullptr}};
  const Task task = corpus(folder, text, more);
  ASSERT_TRUE(task.exists()) << task.sentence();
  says(task.report(), {"training: 90 bytes", "validation: 10 bytes", "2 columns of 5"});
  EXPECT_EQ(task.sample(1, 1).tokens, (Ids{95, 96, 97, 98}));
  more["limit"] = 20, more["validation_limit"] = 4;
  const Task few = corpus(folder, text, more);
  EXPECT_EQ(few.shape.n_samples[0], 6);
  EXPECT_EQ(few.shape.n_samples[1], 0);
  says(few.report(), {"training: 20 bytes", "validation: 4 bytes", "left out"});
}

TEST(TextCorpus, MistakesAndDamage) {
  const Folder folder;
  says(corpus(folder, "").sentence(), {"a.txt is empty"});
  says(corpus(folder, "too short").sentence(), {"9 tokens", "20 columns", "need 720"});
  says(corpus(folder, "text", {{"validation", 2}}).sentence(), {"validation is 2"});
  says(corpus(folder, "text", {{"validation", "test"}}).sentence(), {"no test file"});
  says(corpus(folder, "text", {{"validation", "b.txt"}}).sentence(), {"b.txt does not exist"});
  const json words{{"unit", "word"}, {"min_count", 5}, {"columns", 1}, {"sequence_length", 1}};
  says(corpus(folder, "one two three", words).sentence(), {"lower min_count"});
  const Task none("text_corpus", {{"path", "/nowhere/wikitext-2"}});
  says(none.sentence(), {"/nowhere/wikitext-2 does not exist", "wiki.train.tokens", "https://"});
  const Folder other;
  other.write("valid.txt", "text");
  says(Task("text_corpus", {{"path", other.path()}}).sentence(),
       {"no training text", "valid.txt", "wiki.train.tokens"});
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "word " + std::to_string(i) + "\n";
  const std::string whole = border::gzipped(text);
  const std::string cut = other.write("c.txt.gz", whole.substr(0, whole.size() / 2));
  says(Task("text_corpus", {{"path", cut}}).sentence(), {"c.txt.gz", "cut off"});
}

}  // namespace
}  // namespace attnlab

// task_text_damaged_test.cpp: damaged or wrong files are sentences with the file, the line and what
// is wrong.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "task_border.hpp"
#include "task_text_files.hpp"

namespace attnlab {
namespace {

using border::Folder;
using border::Task;
using nlohmann::json;

// The sentence that a file of this content gives.
std::string sentence(const std::string& name, const std::string& content,
                     json more = json::object()) {
  const Folder folder;
  more["path"] = folder.write(name, content);
  const Task task("text_classification", more);
  EXPECT_FALSE(task.exists()) << task.report();
  return task.sentence();
}

void says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::string some_lines(int n) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += std::to_string(i % 2) + "\ttext number " + std::to_string(i) + "\n";
  return out;
}

TEST(DamagedText, GzipThatIsCutOffDamagedOrNone) {
  const std::string whole = border::gzipped(some_lines(5000));
  says(sentence("a.tsv.gz", whole.substr(0, whole.size() / 2)), {"a.tsv.gz", "cut off"});
  says(sentence("a.tsv.gz", whole.substr(0, whole.size() - 4)), {"a.tsv.gz", "cut off"});
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  says(sentence("a.tsv.gz", damaged), {"a.tsv.gz", "damaged"});
  says(sentence("a.tsv.gz", some_lines(5)), {"a.tsv.gz", "not gzip"});
  says(sentence("a.tsv.gz", ""), {"a.tsv.gz", "not gzip"});
  const Folder folder;
  const Task task("text_classification", {{"path", folder.write("a.tsv.gz", whole)}});
  EXPECT_TRUE(task.exists()) << task.sentence();
}

TEST(DamagedText, WhatFollowsInAGzipFileIsReadOrRefused) {
  const std::string one = border::gzipped(some_lines(50));
  const Folder folder;
  const auto report = [&](const std::string& name, const std::string& bytes) {
    folder.write(name, bytes);
    const Task task("text_classification",
                    {{"path", folder.path() + "/a.tsv.gz"}, {"validation", 0}});
    return task.exists() ? task.report() : task.sentence();
  };
  says(report("a.tsv.gz", one), {"training: 50 texts"});
  says(report("a.tsv.gz", one + one), {"training: 100 texts"});
  says(report("a.tsv.gz", one + std::string(512, '\0')), {"training: 50 texts"});
  says(report("a.tsv.gz", one + one.substr(0, one.size() - 9)), {"a.tsv.gz", "cut off"});
  says(report("a.tsv.gz", one + "1\tmore\n"), {"a.tsv.gz", "7 that are no gzip data"});
  std::string second = one;
  second[0] = 'x';
  says(report("a.tsv.gz", one + second), {"a.tsv.gz", "no gzip data"});
}

TEST(DamagedText, GzipIsKnownByItsContentAndFoundWithoutItsEnding) {
  const Folder folder;
  folder.write("b.tsv", border::gzipped(some_lines(50)));
  folder.write("c.tsv.gz", border::gzipped(some_lines(60)));
  const Task task("text_classification",
                  {{"path", folder.path() + "/b.tsv"}, {"validation", folder.path() + "/c.tsv"}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  says(task.report(), {"training: 50 texts", "validation: 60 texts", "c.tsv.gz"});
}

TEST(DamagedText, NothingIsLeftOutOfFoldersInSilence) {
  const Folder folder;
  folder.write("neg/1.txt", "bad");
  folder.write("pos/1.txt", "good");
  folder.write("pos/more/2.txt", "better");
  folder.write("notes", "where it comes from");
  const json request{{"path", folder.path()}, {"validation", 0}};
  const Task task("text_classification", request);
  ASSERT_TRUE(task.exists()) << task.sentence();
  says(task.report(), {"1 files beside the classes", "1 folders in", "/pos ignored"});
  std::filesystem::create_symlink("nowhere", folder.path() + "/neg/2.txt");
  const Task astray("text_classification", request);
  EXPECT_FALSE(astray.exists());
  says(astray.sentence(), {"neg/2.txt cannot be followed"});
  std::filesystem::remove(folder.path() + "/neg/2.txt");
  ASSERT_EQ(mkfifo((folder.path() + "/neg/2.txt").c_str(), 0600), 0);
  const Task pipe("text_classification", request);
  EXPECT_FALSE(pipe.exists());
  says(pipe.sentence(), {"neg/2.txt is neither a file nor a folder"});
}

TEST(DamagedText, RecordsWithMissingColumns) {
  says(sentence("a.tsv", "0\tone\n1\ttwo\n1 three\n"), {"a.tsv:3", "1 field", "tab"});
  says(sentence("a.tsv", "id\tlabel\ttext\n1\t0\tone\n2\t1\n"),
       {"a.tsv:3", "2 fields", "header has 3"});
  says(sentence("a.csv", "0,one,two\n1,three\n"), {"a.csv:2", "2 fields", "expected 3"});
  says(sentence("a.tsv", "0\tone\n\ttwo\n"), {"a.tsv:2", "label is empty"});
  says(sentence("a.txt", "0 one\n1\n"), {"a.txt:2", "label, a space"});
  says(sentence("a.txt", "nothing of the kind\n"), {"a.txt:1", "neither TSV"});
}

TEST(DamagedText, WrongRecordsAreCounted) {
  says(sentence("a.tsv", "0\tone\n1 two\n1\tthree\n\n1 four\n\tfive\n"),
       {"a.tsv:2", "3 of 5 records"});
  says(sentence("a.csv", "label,text\n0,one\n1\n1,two,three\n"), {"a.csv:3", "2 of 3 records"});
  says(sentence("a.txt", "0 one\n1 two\nthree\n"), {"a.txt:3", "1 of 3 records"});
  says(sentence("a.tsv", std::string("\xff\xfe\x30\0\t\0", 6)), {"a.tsv", "UTF-16", "iconv"});
}

TEST(DamagedText, QuotesThatDoNotClose) {
  says(sentence("a.csv", "0,\"one\"\n1,\"two\n0,three\n"), {"a.csv:2", "never closes"});
  says(sentence("a.csv", "0,\"one\" more\n"), {"a.csv:1", "closing quote"});
  // Lines are counted inside quotes too.
  says(sentence("a.csv", "0,\"one\n\n\"\n1,\"two\n"), {"a.csv:4", "never closes"});
}

TEST(DamagedText, ColumnsThatTheHeaderLacks) {
  says(sentence("a.tsv", "id\tlabel\ttext\n1\t0\tone\n", {{"label_column", "stars"}}),
       {"a.tsv:1", "'stars'", "'label'"});
  says(sentence("a.tsv", "id\tlabel\tbodytext\n1\t0\tone\n", {{"label_column", "label"}}),
       {"a.tsv:1", "usual name for the text", "'bodytext'"});
}

TEST(DamagedText, LabelsThatAreNone) {
  std::string swapped = "", headed = "verdict\twords\n";
  for (int i = 0; i < 30; ++i) swapped += "text number " + std::to_string(i) + "\t0\n";
  says(sentence("a.tsv", swapped), {"a.tsv:1", "30 different values in 30", "label_column"});
  says(sentence("a.tsv", headed + some_lines(30)), {"a.tsv:1", "'verdict'", "header"});
}

TEST(DamagedText, OneClassNoTextAndNothingAtAll) {
  says(sentence("a.tsv", "0\tone\n0\ttwo\n"), {"a.tsv", "one class only ('0')"});
  says(sentence("a.tsv", "0\t \n1\t\n"), {"a.tsv", "no text"});
  says(sentence("a.tsv", ""), {"a.tsv is empty"});
  const Folder folder;
  folder.write("pos/a.txt", "text");
  const Task one("text_classification", {{"path", folder.path()}});
  says(one.sentence(), {"one class only ('pos')"});
  border::fs::create_directories(folder.path() + "/neg");
  const Task none("text_classification", {{"path", folder.path()}});
  says(none.sentence(), {"/neg holds no files"});
}

TEST(DamagedText, WhatIsNotThereIsNamedWithWhereToGetIt) {
  const Task none("text_classification", {{"path", "/nowhere/aclImdb"}});
  EXPECT_FALSE(none.exists());
  says(none.sentence(), {"/nowhere/aclImdb does not exist", "train/pos", "ai.stanford.edu"});
  const Folder folder;
  const Task empty("text_classification", {{"path", folder.path()}});
  says(empty.sentence(), {folder.path(), "empty folder", "rt-polarity.pos"});
  says(sentence("a.tsv", some_lines(4), {{"validation", "b.tsv"}}), {"b.tsv does not exist"});
  says(sentence("a.tsv", some_lines(4), {{"validation", "test"}}), {"no test part"});
  says(sentence("a.tsv", some_lines(4), {{"validation", 1.5}}), {"validation is 1.5"});
  says(sentence("a.tsv", some_lines(4), {{"validation", 0.99}}), {"leaves none"});
  says(sentence("a.tsv", some_lines(4), {{"format", "folders"}}), {"needs a folder"});
}

TEST(DamagedText, AFolderWithFilesThatAreNoClasses) {
  const Folder folder;
  folder.write("rt.pos", "good\n");
  folder.write("rt.neg", "bad\n");
  folder.write("README.txt", "where it comes from");
  const Task task("text_classification", {{"path", folder.path()}, {"validation", 0}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.outputs, 2);
  says(task.report(), {"README.txt ignored"});
  folder.write("notes.txt", "text");
  const Task more("text_classification", {{"path", folder.path()}});
  EXPECT_FALSE(more.exists());
  says(more.sentence(), {folder.path(), "nothing else", "3 files"});
}

TEST(DamagedText, ValidationClassesThatTrainingLacks) {
  const Folder folder;
  const std::string other = folder.write("b.tsv", "0\tone\n2\ttwo\n");
  says(sentence("a.tsv", some_lines(4), {{"validation", other}}), {"b.tsv", "'2'", "lack"});
}

TEST(DamagedText, CrLfBlankLinesAndForeignBytesAreNoDamage) {
  const Folder folder;
  const std::string file =
      folder.write("a.tsv", "0\tone \xe9\xff\r\n\r\n1\ttwo\r\r\n\n0\t\r\n1\tthree");
  const Task task("text_classification", {{"path", file}, {"validation", 0}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  std::vector<std::string> texts;
  for (int i = 0; i < task.shape.n_samples[0]; ++i) texts.push_back(task.text(0, i));
  std::sort(texts.begin(), texts.end());
  EXPECT_EQ(texts, (std::vector<std::string>{"one \xe9\xff", "three", "two\r"}));
  says(task.report(), {"3 empty texts"});
}

}  // namespace
}  // namespace attnlab

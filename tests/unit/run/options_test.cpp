// options_test.cpp: words of a command line, right and wrong.
#include "run/options.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {

Result<Request> read(std::vector<const char*> words) {
  words.insert(words.begin(), "attnlab");
  return read_command_line(static_cast<int>(words.size()), words.data());
}

std::string complaint(const std::vector<const char*>& words) {
  const auto request = read(words);
  return request ? "" : sentence(request.errors().front());
}

TEST(Options, EveryOptionOfRunArrives) {
  const auto request =
      read({"run", "--set", "a.b=[1, 2]", "g.yaml", "--out", "d", "--set=c=3", "--threads", "3",
            "--trials-at-once", "2", "--time-limit", "1-00:00:01", "--commit-every", "5s",
            "--fresh", "--progress=none", "--plugins", "p"});
  ASSERT_TRUE(request) << sentence(request.errors().front());
  const Options& options = request->options.value();
  EXPECT_EQ(options.verb, "run");
  EXPECT_EQ(options.grid, "g.yaml");
  EXPECT_EQ(options.out, "d");
  EXPECT_EQ(options.overrides, (std::vector<std::string>{"a.b=[1, 2]", "c=3"}));
  EXPECT_EQ(options.plugin_folders, std::vector<std::string>{"p"});
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.trials_at_once, 2);
  EXPECT_EQ(options.time_limit, 86401);
  EXPECT_EQ(options.commit_seconds, 5);
  EXPECT_TRUE(options.fresh);
  EXPECT_EQ(options.progress, ProgressStyle::none);
}

TEST(Options, WhatIsNotGivenHasItsDefault) {
  const auto request = read({"run", "g.yaml", "--out", "d"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->options->threads, 0);
  EXPECT_EQ(request->options->commit_seconds, 30);
  EXPECT_FALSE(request->options->fresh);
  EXPECT_EQ(request->options->progress, ProgressStyle::automatic);
}

TEST(Options, MisspeltWordsAreAnsweredWithTheNearest) {
  EXPECT_NE(complaint({"pln", "g.yaml"}).find("did you mean 'plan'?"), std::string::npos);
  EXPECT_NE(complaint({"run", "--ouut", "d", "g.yaml"}).find("did you mean '--out'?"),
            std::string::npos);
  EXPECT_NE(complaint({"plan", "g.yaml", "--format", "xml"}).find("--format"), std::string::npos);
  EXPECT_NE(complaint({"run", "g.yaml", "more", "--out", "d"}).find("more"), std::string::npos);
  EXPECT_NE(complaint({"run", "g.yaml", "--out", "d", "--threads", "-1"}), "");
  EXPECT_NE(complaint({"run", "g.yaml", "--out", "d", "--time-limit", "0s"}), "");
  EXPECT_NE(complaint({}), "");
}

TEST(Options, EmptyWordsAreMistakes) {
  for (const char* option : {"--time-limit", "--trial-limit", "--commit-every", "--share"}) {
    EXPECT_NE(complaint({"run", "g.yaml", "--out", "d", option, ""}).find(option),
              std::string::npos)
        << option;
  }
  EXPECT_NE(complaint({"run", "g.yaml", "--out", ""}).find("--out"), std::string::npos);
  EXPECT_NE(complaint({"report", "d", "--out", ""}).find("--out FILE.html"), std::string::npos);
  const std::vector<const char*> submit = {"submit", "g.yaml", "--out", "d", "--scheduler", "pbs"};
  for (const char* option : {"--time", "--script"}) {
    auto words = submit;
    words.insert(words.end(), {option, ""});
    EXPECT_NE(complaint(words).find(option), std::string::npos) << option;
  }
}

TEST(Options, HelpIsSaidNotDone) {
  for (const char* verb : {"run", "plan", "plugins", "status", "explain", "merge", "verify"}) {
    const auto request = read({verb, "--help"});
    ASSERT_TRUE(request) << verb;
    EXPECT_FALSE(request->options.has_value());
    EXPECT_NE(request->saying.find(std::string("Usage: attnlab ") + verb + ' '), std::string::npos)
        << request->saying;
  }
}

}  // namespace
}  // namespace attnlab

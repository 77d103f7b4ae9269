// sandbox_test.cpp: questions, answers, and the ways in which a child does not answer. The program
// has one thread until the tests below have forked.
#include "host/sandbox.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace attnlab {
namespace {

using std::chrono::milliseconds;

std::string work(std::string_view question) {
  if (question == "exit") std::exit(3);
  if (question == "abort") std::abort();
  if (question == "sleep") ::sleep(60);
  if (question == "shout") std::fprintf(stderr, "it hurts\n");
  return "you said " + std::string(question);
}

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() {
    auto started = Sandbox::start(work);
    if (started) sandbox = *std::move(started);
  }
  std::unique_ptr<SandboxChild> child() {
    auto made = sandbox->child(0);
    return made ? *std::move(made) : nullptr;
  }
  static Heard answer_of(SandboxChild& child, const std::string& question) {
    if (!child.ask(question)) return {Heard::What::death, "", 0};
    return child.listen(milliseconds(10000));
  }
  std::unique_ptr<Sandbox> sandbox;
};

TEST_F(SandboxTest, AnswersQuestionAfterQuestion) {
  ASSERT_NE(sandbox, nullptr);
  const auto one = child(), two = child();
  ASSERT_NE(one, nullptr);
  ASSERT_NE(two, nullptr);
  EXPECT_NE(one->process(), two->process());
  for (const std::string& question : {std::string("a"), std::string(), std::string(5000000, 'x')}) {
    for (SandboxChild* asked : {one.get(), two.get()}) {
      const Heard heard = answer_of(*asked, question);
      ASSERT_EQ(heard.what, Heard::What::answer);
      EXPECT_EQ(heard.answer, "you said " + question);
    }
  }
}

TEST_F(SandboxTest, TellsHowAChildEnded) {
  const auto exits = child(), aborts = child();
  Heard heard = answer_of(*exits, "exit");
  ASSERT_EQ(heard.what, Heard::What::death);
  EXPECT_TRUE(WIFEXITED(heard.status));
  EXPECT_EQ(WEXITSTATUS(heard.status), 3);
  EXPECT_FALSE(exits->ask("are you there"));
  heard = answer_of(*aborts, "abort");
  ASSERT_EQ(heard.what, Heard::What::death);
  EXPECT_TRUE(WIFSIGNALED(heard.status));
  EXPECT_EQ(WTERMSIG(heard.status), SIGABRT);
}

TEST_F(SandboxTest, ListensNoLongerThanAsked) {
  const auto sleeper = child();
  ASSERT_TRUE(sleeper->ask("sleep"));
  EXPECT_EQ(sleeper->listen(milliseconds(50)).what, Heard::What::nothing);
  sleeper->kill();
  const Heard heard = sleeper->listen(milliseconds(10000));
  ASSERT_EQ(heard.what, Heard::What::death);
  EXPECT_EQ(WTERMSIG(heard.status), SIGKILL);
}

TEST_F(SandboxTest, KeepsTheLastWords) {
  const auto one = child();
  EXPECT_EQ(answer_of(*one, "shout").what, Heard::What::answer);
  EXPECT_EQ(one->last_words(), "it hurts\n");
  EXPECT_EQ(answer_of(*one, "a").what, Heard::What::answer);
  EXPECT_EQ(one->last_words(), "");
}

TEST_F(SandboxTest, WithoutTheSmallProcessThereAreNoChildren) {
  const auto one = child();
  EXPECT_TRUE(sandbox->is_alive());
  ::kill(sandbox->process(), SIGKILL);
  ASSERT_TRUE(!one->ask("a") || one->listen(milliseconds(10000)).what == Heard::What::death ||
              one->listen(milliseconds(10000)).what == Heard::What::death);
  for (int tries = 0; tries < 500 && sandbox->is_alive(); ++tries) ::usleep(10000);
  EXPECT_FALSE(sandbox->is_alive());
  const auto another = sandbox->child(0);
  ASSERT_FALSE(another);
  EXPECT_EQ(another.errors().front().blame, Blame::machine);
  EXPECT_NE(sentence(another.errors().front()).find("is gone"), std::string::npos);
}

}  // namespace
}  // namespace attnlab

// attempt_bytes_test.cpp: an attempt travels between processes bit for bit, and bytes that are none
// are refused.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "run/attempt.hpp"
#include "run/isolate.hpp"

namespace attnlab {
namespace {

Attempt some_attempt() {
  Attempt out;
  out.status = TrialStatus::diverged;
  out.error = std::string("a sentence\0 with a NUL", 22);
  out.attempts = 7;
  out.records.final_loss = -0.0;
  out.records.final_accuracy = std::nan("12");
  out.records.steps = 40;
  out.records.parameters = 1234567890123;
  out.records.axes.push_back({"record", std::vector<std::int64_t>{0, 5, 40}, "steps", "1"});
  out.records.axes.push_back({"group", std::vector<std::string>{"", "b"}, "groups", "1"});
  Series loss;
  loss.name = "loss";
  loss.axes = {"record"};
  loss.unit = "1";
  loss.values = std::vector<double>{1.5, std::numeric_limits<double>::infinity(), std::nan("")};
  Series attention = loss;
  attention.values = std::vector<float>{-0.0F, 1e-42F};
  attention.axes = {};
  Series none = loss;
  none.values = std::vector<double>{};
  out.records.series = {loss, attention, none};
  return out;
}

TEST(AttemptBytes, ComeBackBitForBit) {
  const Attempt sent = some_attempt();
  const auto got = decode_attempt(encode(sent));
  ASSERT_TRUE(got);
  EXPECT_EQ(encode(*got), encode(sent));
  EXPECT_EQ(got->status, sent.status);
  EXPECT_EQ(got->error, sent.error);
  EXPECT_EQ(got->attempts, 7);
  EXPECT_TRUE(std::signbit(got->records.final_loss));
  EXPECT_EQ(got->records.parameters, 1234567890123);
  ASSERT_EQ(got->records.series.size(), 3u);
  const auto& values = std::get<std::vector<float>>(got->records.series[1].values);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(std::memcmp(values.data(),
                        std::get<std::vector<float>>(sent.records.series[1].values).data(), 8),
            0);
  EXPECT_EQ(std::get<1>(got->records.axes[1].labels), (std::vector<std::string>{"", "b"}));
  Attempt stopped;
  stopped.stopped = true;
  EXPECT_TRUE(decode_attempt(encode(stopped))->stopped);
}

TEST(AttemptBytes, ThatAreCutOrTooLongAreRefused) {
  const std::string whole = encode(some_attempt());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(decode_attempt(std::string_view(whole).substr(0, n))) << n;
  }
  EXPECT_FALSE(decode_attempt(whole + "x"));
  std::string unknown_status = whole;
  unknown_status[1] = 99;
  EXPECT_FALSE(decode_attempt(unknown_status));
}

TEST(ExaminedBytes, AreAnEstimateOrErrors) {
  Examined seen;
  seen.estimate = {12, 1e9, 2.5, 1e-300};
  seen.flops_per_step = 7;
  const auto good = decode_examined(encode(Result<Examined>(seen)));
  ASSERT_TRUE(good && *good);
  EXPECT_EQ((*good)->estimate.parameters, 12);
  EXPECT_EQ((*good)->estimate.result_bytes, 1e-300);
  EXPECT_EQ((*good)->flops_per_step, 7);
  const Errors errors = {{"model.dim", "is odd", "make it even"}, {"", "full", "", Blame::machine}};
  const std::string bytes = encode(Result<Examined>(errors));
  const auto bad = decode_examined(bytes);
  ASSERT_TRUE(bad && !*bad);
  EXPECT_EQ(bad->errors(), errors);
  EXPECT_FALSE(decode_examined(bytes.substr(0, bytes.size() - 1)));
}

}  // namespace
}  // namespace attnlab

// words_test.cpp: the small decisions of a run: what is printed, when to stop, which exit code
// wins.
#include <gtest/gtest.h>

#include <limits>

#include "run/machine.hpp"
#include "run/pack.hpp"
#include "run/progress.hpp"
#include "run/progress_of.hpp"
#include "run/speak.hpp"
#include "run/stop.hpp"
#include "run/table.hpp"

namespace attnlab {
namespace {

TEST(Severity, TheRankThatIsWorstOffDecides) {
  const std::vector<int> from_best = {0, 1, 75, 2, 3};
  for (std::size_t i = 0; i < from_best.size(); ++i) {
    EXPECT_EQ(code_of_severity(severity(from_best[i])), from_best[i]);
    if (i > 0) {
      EXPECT_GT(severity(from_best[i]), severity(from_best[i - 1]));
    }
  }
}

TEST(Pack, TextsTravelWhateverIsInThem) {
  const std::vector<std::string> texts = {"", "12:3", std::string("a\0b", 3), pack({"x", "y"})};
  EXPECT_EQ(unpack(pack(texts)), texts);
  EXPECT_TRUE(unpack("").empty());
}

TEST(Progress, SaysHowFarAndHowLong) {
  Tally tally;
  tally.counts = {9, 0, 1, 0, 0};
  EXPECT_EQ(progress_text(2, tally, 32, 5.0),
            "12 of 32 trials, 2.0 a second, 10.0s left, 1 not done well");
  EXPECT_EQ(progress_text(0, Tally{}, 32, 5.0), "0 of 32 trials");
  tally.counts = {1, 0, 0, 0, 0};
  EXPECT_EQ(progress_text(0, tally, 2, 60.0), "1 of 2 trials, 1.0 a minute, 1m00s left");
}

TEST(Rate, CountsTheTrialsOfTheLastTenMinutesOrOfTheLongestOfThem) {
  EXPECT_FALSE(recent_rate({}).has_value());
  const auto rate = [](std::vector<TimeSpan> trials) { return recent_rate(trials); };
  EXPECT_FALSE(rate({{5, 5}, {5, 5}}).has_value());
  EXPECT_DOUBLE_EQ(rate({{0, 5}}).value(), 0.2);
  EXPECT_DOUBLE_EQ(rate({{10, 20}, {0, 10}, {20, 30}}).value(), 0.1);
  EXPECT_DOUBLE_EQ(rate({{0, 10}, {0, 10.000001}}).value(), 2 / 10.000001);  // side by side
  EXPECT_DOUBLE_EQ(rate({{-10, 0}, {4990, 5000}, {5000, 5010}, {5010, 5020}}).value(), 0.1);
  EXPECT_DOUBLE_EQ(rate({{0, 4000}, {100, 200}, {200, 300}, {300, 400}}).value(), 0.001);
}

TEST(Patience, TheTimeLimitLeavesRoomToCloseEverything) {
  EXPECT_EQ(patience(100, std::numeric_limits<double>::infinity()).stop_at,
            std::numeric_limits<double>::infinity());
  for (const double limit : {1.0, 4.0, 60.0, 3600.0}) {
    const Patience p = patience(100, limit);
    EXPECT_GT(p.stop_at, 100);
    EXPECT_LT(p.stop_at + p.after_deadline, 100 + limit);
  }
  EXPECT_LT(seconds_to_stop(15), 1);
  EXPECT_LT(seconds_to_stop(10), 5);
}

TEST(Threads, BoundRanksTakeTheirCoresUnboundOnesShare) {
  EXPECT_EQ(default_threads({2, 16}, 4), 2);
  EXPECT_EQ(default_threads({16, 16}, 4), 4);
  EXPECT_EQ(default_threads({16, 16}, 1), 16);
  EXPECT_EQ(default_threads({2, 2}, 4), 1);
}

TEST(Table, NumbersStandRightTextLeftAndUmlautsCountOnce) {
  EXPECT_EQ(columns({{"name", "n"}, {"\u00e4b", "10"}, {"abc", "2"}}),
            "name   n\n\u00e4b    10\nabc    2\n");
}

TEST(Table, CountsNameWhatThereIs) {
  Tally tally;
  tally.counts = {2, 1, 0, 0, 1};
  EXPECT_EQ(counts_text(tally), "4 trials: 2 done, 1 diverged, 1 crashed");
  EXPECT_EQ(counts_text(Tally{{1, 0, 0, 0, 0}}), "1 trial: 1 done");
}

}  // namespace
}  // namespace attnlab

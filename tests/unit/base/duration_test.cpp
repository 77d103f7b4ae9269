// duration_test.cpp: lengths of time as the contract spells them.
#include "base/duration.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {

TEST(Duration, EverySpellingOfTheContract) {
  EXPECT_EQ(*parse_duration("90s"), 90.0);
  EXPECT_EQ(*parse_duration("20m"), 1200.0);
  EXPECT_EQ(*parse_duration("4h30m"), 16200.0);
  EXPECT_EQ(*parse_duration("1-23:59:59"), 172799.0);
  EXPECT_EQ(*parse_duration("99:00:00"), 356400.0);
}

TEST(Duration, ClocksThatNoClockShows) {
  for (const char* text : {"1-24:00:00", "1-99:00:00", "0-00:60:00", "0-00:00:60", "0-00:00:00",
                           "12:30", "", "5", "-5s", "5 m", "1e3s", "4m3h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace attnlab

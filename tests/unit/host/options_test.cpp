// options_test.cpp: settings become checked values of the C border, or sentences.
#include "host/options.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace attnlab {
namespace {

Option option(OptionType type, double minimum = -std::numeric_limits<double>::infinity(),
              double maximum = std::numeric_limits<double>::infinity()) {
  Option out;
  out.name = "x";
  out.type = type;
  out.minimum = minimum;
  out.maximum = maximum;
  out.choices = {"a", "b"};
  return out;
}

TEST(Mistake, IsNothingForAValueWithinItsRange) {
  EXPECT_EQ(mistake(option(OptionType::integer, 1, 3), 3), "");
  EXPECT_EQ(mistake(option(OptionType::real, 0, 1), 1), "");
  EXPECT_EQ(mistake(option(OptionType::boolean), false), "");
  EXPECT_EQ(mistake(option(OptionType::choice), "b"), "");
  EXPECT_EQ(mistake(option(OptionType::path), ""), "");
  EXPECT_EQ(mistake(option(OptionType::value), {{"any", "thing"}}), "");
}

TEST(Mistake, NamesWhatIsAskedAndWhatWasGiven) {
  EXPECT_EQ(mistake(option(OptionType::integer, 1, 3), 0), "must be at least 1.0, not 0.0");
  EXPECT_EQ(mistake(option(OptionType::integer), 2.5), "must be a whole number, not 2.5");
  EXPECT_EQ(mistake(option(OptionType::real, 0, 1), 1.5), "must be at most 1.0, not 1.5");
  EXPECT_EQ(mistake(option(OptionType::real), "1"), "must be a number, not \"1\"");
  EXPECT_EQ(mistake(option(OptionType::boolean), 1), "must be true or false, not 1");
  EXPECT_EQ(mistake(option(OptionType::choice), "c"), "must be one of a, b, not \"c\"");
  EXPECT_NE(mistake(option(OptionType::real), std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_NE(mistake(option(OptionType::integer), std::numeric_limits<std::uint64_t>::max()), "");
}

PluginDescription plugin() {
  PluginDescription out;
  out.kind = PluginKind::task;
  out.name = "t";
  for (const auto& [name, type, fallback] :
       {std::tuple{"n", OptionType::integer, Settings()},
        std::tuple{"file", OptionType::path, Settings("")},
        std::tuple{"any", OptionType::value, Settings(nullptr)}}) {
    Option one = option(type);
    one.name = name;
    if (one.name != "n") one.fallback = fallback;
    out.options.push_back(one);
  }
  return out;
}

TEST(OptionValues, StandInTheOrderOfTheDescription) {
  const auto out =
      option_values(plugin(), {{"any", {1, "two"}}, {"n", 7}, {"file", "../d"}}, "/a/b");
  ASSERT_TRUE(out);
  ASSERT_EQ(out->values.size(), 3u);
  EXPECT_EQ(out->values[0].type, ATTNLAB_INTEGER);
  EXPECT_EQ(out->values[0].integer, 7);
  EXPECT_EQ(out->values[1].type, ATTNLAB_PATH);
  EXPECT_STREQ(out->values[1].text, "/a/d");
  EXPECT_STREQ(out->values[2].text, R"([1,"two"])");
}

TEST(OptionValues, LeaveAbsoluteAndEmptyPathsAlone) {
  EXPECT_STREQ(option_values(plugin(), {{"n", 1}, {"file", "/x"}}, "/a")->values[1].text, "/x");
  EXPECT_STREQ(option_values(plugin(), {{"n", 1}}, "/a")->values[1].text, "");
  EXPECT_EQ(option_values(plugin(), {{"n", 1}}, "/a")->values[2].is_null, 1);
}

TEST(OptionValues, FailWithEveryOptionThatIsMissingOrWrong) {
  const auto out = option_values(plugin(), {{"file", 3}}, "/");
  ASSERT_FALSE(out);
  ASSERT_EQ(out.errors().size(), 2u);
  EXPECT_EQ(out.errors()[0].where, "task plugin 't'");
  EXPECT_EQ(out.errors()[0].what, "the option 'n' must be given");
  EXPECT_EQ(out.errors()[1].what, "the option 'file' must be text, not 3");
}

}  // namespace
}  // namespace attnlab

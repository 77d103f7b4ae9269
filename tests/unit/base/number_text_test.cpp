// number_text_test.cpp: numbers as people write them.
#include "base/number_text.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {

TEST(NumberText, OneThingIsNotMany) {
  EXPECT_EQ(counted(1, "trial"), "1 trial");
  EXPECT_EQ(counted(0, "trial"), "0 trials");
  EXPECT_EQ(counted(100000, "trial"), "100000 trials");
}

}  // namespace
}  // namespace attnlab

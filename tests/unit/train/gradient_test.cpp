// gradient_test.cpp: clipping as in PyTorch.
#include "train/gradient.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace attnlab {
namespace {

Clip clip(const char* json) {
  auto made = clip_of(Settings{{"clip", Settings::parse(json)}});
  EXPECT_TRUE(made);
  return *made;
}

// torch.nn.utils.clip_grad_norm_ of (3, -4) and (12) to 2.0, PyTorch 1.13.
TEST(Clip, ByNormIsPyTorchs) {
  std::vector<double> g{3, -4, 12};
  clip(R"({"norm": 2.0})").apply(std::span<double>(g));
  EXPECT_DOUBLE_EQ(g[0], 0.46153842603550577);
  EXPECT_DOUBLE_EQ(g[2], 1.846153704142023);
}

TEST(Clip, ByNormLeavesShortGradientsAlone) {
  std::vector<double> g{0.3, -0.4};
  clip(R"({"norm": 0.6})").apply(std::span<double>(g));
  EXPECT_EQ(g, (std::vector<double>{0.3, -0.4}));
}

TEST(Clip, ByValueCutsEachNumberAndKeepsNaN) {
  std::vector<float> g{0.1f, 7.0f, -7.0f, std::numeric_limits<float>::quiet_NaN()};
  clip(R"({"value": 0.5})").apply(std::span<float>(g));
  EXPECT_EQ(g[0], 0.1f);
  EXPECT_EQ(g[1], 0.5f);
  EXPECT_EQ(g[2], -0.5f);
  EXPECT_TRUE(std::isnan(g[3]));
}

TEST(Clip, SaysWhatIsWrong) {
  EXPECT_FALSE(clip_of(Settings::parse(R"({"clip": {"norm": -1.0}})")));
  EXPECT_FALSE(clip_of(Settings::parse(R"({"clip": {"length": 1.0}})")));
  EXPECT_EQ(clip_of(Settings{{"clip", "none"}})->kind, Clip::Kind::none);
}

TEST(SumOfSquares, AddsEveryNumberOnce) {
  for (std::size_t n = 0; n < 20; ++n) {
    std::vector<float> x(n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<float>(i + 1);
      sum += static_cast<double>(i + 1) * static_cast<double>(i + 1);
    }
    EXPECT_EQ(sum_of_squares(std::span<const float>(x)), sum);
  }
}

}  // namespace
}  // namespace attnlab

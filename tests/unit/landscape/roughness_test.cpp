// roughness_test.cpp: surfaces whose numbers follow by hand.
#include "landscape/roughness.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace attnlab {
namespace {

constexpr Index n = 5;

template <class F>
std::vector<double> surface(const F& f) {
  std::vector<double> out;
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      out.push_back(f(static_cast<double>(i - 2), static_cast<double>(j - 2)));
  return out;
}

TEST(Roughness, OfABowl) {
  const Roughness r = roughness_of(surface([](double a, double b) { return a * a + b * b; }), n);
  EXPECT_DOUBLE_EQ(r.roughness, 2.0 / 8);
  EXPECT_EQ(r.minima, 1);
  EXPECT_EQ(r.negative_curvature_share, 0);
  EXPECT_DOUBLE_EQ(r.basin_share, 1.0 / 25);  // only the middle is below 0.8
  EXPECT_EQ(r.least, 0);
  EXPECT_EQ(r.most, 8);
}

TEST(Roughness, OfASaddle) {
  const Roughness r = roughness_of(surface([](double a, double b) { return a * b; }), n);
  EXPECT_EQ(r.roughness, 0);
  EXPECT_EQ(r.minima, 0);
  EXPECT_EQ(r.negative_curvature_share, 1);
}

TEST(Roughness, OfAPlaneIsNotNegativeCurvature) {
  const Roughness r =
      roughness_of(surface([](double a, double b) { return 0.1 * a + 0.3 * b; }), n);
  EXPECT_LT(r.roughness, 1e-12);
  EXPECT_EQ(r.negative_curvature_share, 0);
}

TEST(Roughness, LeavesOutWhatIsNotFinite) {
  std::vector<double> loss = surface([](double a, double b) { return a * a + b * b; });
  loss[0] = INFINITY;
  loss[4] = NAN;
  const Roughness r = roughness_of(loss, n);
  EXPECT_EQ(r.not_finite, 2);
  EXPECT_DOUBLE_EQ(r.roughness, 2.0 / 8);
  EXPECT_EQ(r.minima, 1);
}

TEST(Roughness, OfAFlatSurfaceIsUnknown) {
  const Roughness r = roughness_of(surface([](double, double) { return 1.0; }), n);
  EXPECT_TRUE(std::isnan(r.roughness));
  EXPECT_EQ(r.minima, 0);
}

}  // namespace
}  // namespace attnlab

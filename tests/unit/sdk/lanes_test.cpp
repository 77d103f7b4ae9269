// lanes_test.cpp: the vectorised exponential against the C library's, in units of the last place.
#include <gtest/gtest.h>

#include <attnlab/pairwise_lanes.hpp>
#include <cmath>

namespace attnlab {
namespace {

using lanes::exponential_of;

// Largest error in units of the last place over [from, to].
template <class Real, class Exact>
double worst(double from, double to, int n) {
  double worst = 0;
  for (int i = 0; i <= n; ++i) {
    const auto x = static_cast<Real>(from + (to - from) * i / n);
    const Exact exact = std::exp(static_cast<Exact>(x));
    const auto rounded = static_cast<Real>(exact);
    const Exact unit = std::nextafter(rounded, std::numeric_limits<Real>::infinity()) - rounded;
    const Exact error = std::abs(static_cast<Exact>(exponential_of(x)) - exact) / unit;
    worst = std::max(worst, static_cast<double>(error));
  }
  return worst;
}

// Sanitizer builds do not fuse multiplications with additions: a rounding more in each step.
#ifdef __SANITIZE_ADDRESS__
constexpr double bound = 1.5;
#else
constexpr double bound = 1.0;
#endif

TEST(Exponential, IsWithinOneUnitOfTheLastPlace) {
  EXPECT_LT((worst<float, double>(-87.3, 88.7, 1000003)), bound);
  EXPECT_LT((worst<double, long double>(-708.3, 709.7, 1000003)), bound);
  EXPECT_LT((worst<double, long double>(-2, 2, 1000003)), bound);
}

TEST(Exponential, IsGradualBelowTheNormalNumbers) {
  EXPECT_LE((worst<float, double>(-103.9, -87.4, 10007)), 1.0);
  EXPECT_LE((worst<double, long double>(-745.1, -708.5, 10007)), 1.0);
}

template <class Real>
void expect_edges() {
  constexpr Real infinity = std::numeric_limits<Real>::infinity();
  EXPECT_EQ(exponential_of(Real(0)), Real(1));
  EXPECT_EQ(exponential_of(-Real(0)), Real(1));
  EXPECT_EQ(exponential_of(infinity), infinity);
  EXPECT_EQ(exponential_of(-infinity), Real(0));
  EXPECT_EQ(exponential_of(std::numeric_limits<Real>::max()), infinity);
  EXPECT_EQ(exponential_of(std::numeric_limits<Real>::lowest()), Real(0));
  EXPECT_EQ(exponential_of(Real(sizeof(Real) == 4 ? 88.73 : 709.79)), infinity);
  EXPECT_TRUE(std::isnan(exponential_of(std::numeric_limits<Real>::quiet_NaN())));
}

TEST(Exponential, KnowsTheEdgesOfItsType) {
  expect_edges<float>();
  expect_edges<double>();
}

TEST(Exponential, OfAnArrayIsThatOfItsNumbers) {
  Eigen::Array<double, 16, 1> x;
  volatile double first = -7.3;  // the compiler's own arithmetic at compile time rounds once more
  for (int i = 0; i < 16; ++i) x[i] = i + first;
  const auto y = exponential(x * 2);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(y[i], exponential_of(2 * x[i])) << i;
}

}  // namespace
}  // namespace attnlab

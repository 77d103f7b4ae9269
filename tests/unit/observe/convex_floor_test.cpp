// convex_floor_test.cpp: the floor against closed forms and against an exact search in the plane.
#include "observe/convex_floor.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace attnlab {
namespace {

HullMatrix numbers(Index rows, Index cols, double start) {
  HullMatrix out(rows, cols);
  for (Index k = 0; k < out.size(); ++k) out.data()[k] = std::sin(start + 1.7 * double(k * k + 1));
  return out;
}

// Distance in the plane: max over unit d of d.y - max_v d.v; the best d is normal to an edge of the
// hull or points from a vertex to y. The vertices are all sums of one row a head.
double exact_in_the_plane(const std::vector<HullMatrix>& values, const Eigen::Vector2d& y) {
  std::vector<Eigen::Vector2d> vertices{Eigen::Vector2d::Zero()}, directions;
  for (const HullMatrix& v : values) {
    std::vector<Eigen::Vector2d> sums;
    for (const Eigen::Vector2d& s : vertices)
      for (Index j = 0; j < v.rows(); ++j) sums.emplace_back(s + v.row(j).transpose());
    vertices = sums;
  }
  for (const Eigen::Vector2d& a : vertices) {
    directions.emplace_back(y - a);
    for (const Eigen::Vector2d& b : vertices) directions.emplace_back(a[1] - b[1], b[0] - a[0]);
  }
  double distance = 0;
  for (const Eigen::Vector2d& d : directions) {
    if (d.norm() < 1e-12) continue;
    double reach = -1e300;
    for (const Eigen::Vector2d& v : vertices) reach = std::max(reach, d.dot(v));
    distance = std::max(distance, (d.dot(y) - reach) / d.norm());
  }
  return 0.5 * distance * distance;
}

TEST(ConvexFloor, SimplexProjectionIsTheNearestPoint) {
  Eigen::VectorXd x(3);
  x << 0.9, 0.5, -2;
  project_on_simplex(x);
  EXPECT_NEAR(x[0], 0.7, 1e-15);
  EXPECT_NEAR(x[1], 0.3, 1e-15);
  EXPECT_EQ(x[2], 0);
}

// Construction 1 (mass deficit): 1/2 sum (sum_h min_j v_hj - y)_+^2.
TEST(ConvexFloor, OneOutputIsTheMassDeficit) {
  HullMatrix a(3, 1), b(3, 1), y(2, 1);
  a << 1, 2, 3;
  b << 1.5, 4, 2;
  y << 1, 0.5;
  EXPECT_DOUBLE_EQ(convex_floor({a, b}, y), 0.5 * (1.5 * 1.5 + 2.0 * 2.0));
}

// The same values and targets along a slanted line of the plane go through FISTA.
TEST(ConvexFloor, AgreesWithOneOutputAlongALine) {
  const HullMatrix a = numbers(5, 1, 0.3), b = numbers(5, 1, 2.1), y = 4 * numbers(6, 1, 0.9);
  const Eigen::RowVector2d line(0.6, 0.8);
  const double exact = convex_floor({a, b}, y);
  ASSERT_GT(exact, 0.1);
  EXPECT_NEAR(convex_floor({a * line, b * line}, y * line), exact, 1e-9 * exact);
}

TEST(ConvexFloor, SeveralHeadsAndOutputsAgreeWithAnExactSearch) {
  for (int heads = 1; heads <= 3; ++heads) {
    for (double size : {0.5, 1.5, 4.0}) {
      std::vector<HullMatrix> values;
      for (int h = 0; h < heads; ++h) values.push_back(numbers(4, 2, 0.4 + 1.3 * h));
      const HullMatrix y = size * numbers(6, 2, 5.0);
      double exact = 0;
      for (Index t = 0; t < y.rows(); ++t) exact += exact_in_the_plane(values, y.row(t));
      const double floor = convex_floor(values, y);
      EXPECT_NEAR(floor, exact, 1e-8 * exact + 1e-15) << heads << " heads, size " << size;
      EXPECT_LE(floor, exact * (1 + 1e-12) + 1e-15);
    }
  }
}

TEST(ConvexFloor, ReachableTargetsHaveNoFloor) {
  const HullMatrix a = numbers(6, 3, 0.1), b = numbers(6, 3, 1.1);
  const HullMatrix y = a.colwise().mean() + b.colwise().mean();
  EXPECT_LT(convex_floor({a, b}, y), 1e-20);
  HullMatrix broken = a;
  broken(0, 0) = std::nan("");
  EXPECT_TRUE(std::isnan(convex_floor({broken}, y)));
}

}  // namespace
}  // namespace attnlab

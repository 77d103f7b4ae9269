// top_eigenvalues_test.cpp: against spectra that are known.
#include "train/top_eigenvalues.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "base/random.hpp"

namespace attnlab {
namespace {

// Symmetric, with eigenvalues of both signs.
Eigen::MatrixXd some_matrix(Index n) {
  Eigen::MatrixXd m(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      m(i, j) = random_normal(7, 0, static_cast<std::uint64_t>(i * n + j));
  return m + m.transpose();
}

VectorMap times(const Eigen::MatrixXd& m) {
  return [&m](std::span<const double> in, std::span<double> out) -> Result<Done> {
    const Index n = m.rows();
    Eigen::Map<Eigen::VectorXd>(out.data(), n) =
        m * Eigen::Map<const Eigen::VectorXd>(in.data(), n);
    return Done{};
  };
}

TEST(TopEigenvalues, AreThoseOfADenseSolver) {
  for (const Index n : {1, 5, 40, 41, 150}) {
    const Eigen::MatrixXd m = some_matrix(n);
    const Eigen::VectorXd all = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(m).eigenvalues();
    const auto top = top_eigenvalues(n, 5, 3, times(m));
    ASSERT_TRUE(top);
    ASSERT_EQ(std::ssize(top->values), std::min<Index>(5, n));
    EXPECT_TRUE(top->converged);
    for (std::size_t i = 0; i < top->values.size(); ++i) {
      EXPECT_NEAR(top->values[i], all[n - 1 - static_cast<Index>(i)], 1e-8 * all[n - 1]) << n;
      EXPECT_LT(top->residuals[i], 1e-5 * all[n - 1]) << n;
    }
  }
}

TEST(TopEigenvalues, AFailedProductFailsThem) {
  const VectorMap fails = [](std::span<const double>, std::span<double>) -> Result<Done> {
    return Error{"here", "no", ""};
  };
  EXPECT_FALSE(top_eigenvalues(3, 1, 1, fails));
  EXPECT_FALSE(top_eigenvalues(300, 1, 1, fails));
  const VectorMap lost = [](std::span<const double>, std::span<double> out) -> Result<Done> {
    out[0] = std::nan("");
    return Done{};
  };
  EXPECT_FALSE(top_eigenvalues(300, 2, 1, lost));
}

// l = sum of w^4 / 4: H = diag(3 w^2).
TEST(HessianTimes, IsExactWhereItIsKnown) {
  const VectorMap gradient = [](std::span<const double> w, std::span<double> g) -> Result<Done> {
    for (std::size_t i = 0; i < w.size(); ++i) g[i] = w[i] * w[i] * w[i];
    return Done{};
  };
  const std::vector<double> w{1, -2, 0.5}, v{3, 0.1, -4};
  std::vector<double> hv(3);
  ASSERT_TRUE(hessian_times(gradient, w, v, hv));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(hv[i], 3 * w[i] * w[i] * v[i], 1e-8);
  const std::vector<double> zero(3, 0.0);
  ASSERT_TRUE(hessian_times(gradient, w, zero, hv));
  EXPECT_EQ(hv, zero);
}

}  // namespace
}  // namespace attnlab

// entmax15.cpp: S[i][j] = max(a[i][j] / 2 - theta[i], 0)^2, theta such that the row sums to one;
// a = q.k / temperature.
//
// With z the row of a / 2 sorted, largest first, M and V mean and variance of its first m numbers,
// the threshold of a support of m keys is theta_m = M - sqrt((1 - m V) / m); the support is the
// largest m with theta_m <= z_m (Peters et al. 2019, alg. 2).
#include <attnlab/rowwise.hpp>
#include <cmath>

namespace {
using attnlab::Index;

struct Entmax15 {
  explicit Entmax15(const attnlab::Options&) {}

  template <class Real>
  void weigh(Real* a, Index n, Real* sorted) const {
    for (Index j = 0; j < n; ++j) a[j] /= 2;
    if (!attnlab::lower_and_sort(a, n, sorted)) return;
    Real mean = 0, squares = 0, theta = 0;  // squares: m V, by Welford's recurrence
    for (Index m = 1; m <= n; ++m) {
      const Real z = sorted[m - 1], off = z - mean;
      mean += off / static_cast<Real>(m);
      squares += off * (z - mean);
      const Real here = mean - std::sqrt(std::max((1 - squares) / static_cast<Real>(m), Real(0)));
      if (!(here <= z)) break;
      theta = here;
    }
    for (Index j = 0; j < n; ++j) {
      const Real x = a[j] > theta ? a[j] - theta : Real(0);
      a[j] = x * x;
    }
  }

  template <class Real>
  void differentiate(const Real* S, Real* g, Index n) const {
    attnlab::project(S, g, n, [](Real s) { return std::sqrt(s); });
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::RowwiseKernel<Entmax15>, attnlab::no_options,
                      (attnlab::About{.name = "entmax15",
                                      .summary = "between softmax and sparsemax; rows sum to one",
                                      .formula = "S = max(q.k / (2 temperature) - theta, 0)^2",
                                      .paper = "Peters et al. 2019, arXiv 1905.05702"}))

// sparsemax.cpp: S[i][j] = max(a[i][j] - theta[i], 0), theta such that the row sums to one;
// a = q.k / temperature.
//
// With z the row sorted, largest first, the support has the largest m with 1 + m z_m > z_1 + .. +
// z_m keys, and theta = (z_1 + .. + z_m - 1) / m.
#include <attnlab/rowwise.hpp>

namespace {
using attnlab::Index;

struct Sparsemax {
  explicit Sparsemax(const attnlab::Options&) {}

  template <class Real>
  void weigh(Real* a, Index n, Real* sorted) const {
    if (!attnlab::lower_and_sort(a, n, sorted)) return;
    Real sum = 0, theta = 0;
    for (Index m = 1; m <= n; ++m) {
      sum += sorted[m - 1];
      if (!(1 + static_cast<Real>(m) * sorted[m - 1] > sum)) break;
      theta = (sum - 1) / static_cast<Real>(m);
    }
    for (Index j = 0; j < n; ++j) a[j] = a[j] > theta ? a[j] - theta : Real(0);
  }

  template <class Real>
  void differentiate(const Real* S, Real* g, Index n) const {
    attnlab::project(S, g, n, [](Real s) { return s > 0 ? Real(1) : s; });  // 0 and NaN stay
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::RowwiseKernel<Sparsemax>, attnlab::no_options,
                      (attnlab::About{
                          .name = "sparsemax",
                          .summary = "sparse attention with exact zeros; rows sum to one",
                          .formula = "S = max(q.k / temperature - theta, 0)",
                          .paper = "Martins & Astudillo 2016, arXiv 1602.02068"}))

// rowwise.hpp: RowwiseKernel turns a function of a whole row of scores into an attention kernel.
//
//   struct Law {
//     explicit Law(const attnlab::Options&);
//     template <class Real>  // a [n]: scores q.k / temperature in, weights out; scratch [n]
//     void weigh(Real* a, Index n, Real* scratch) const;
//     template <class Real>  // g [n]: dl/dS in, dl/da out, S [n] the weights
//     void differentiate(const Real* S, Real* g, Index n) const;
//   };
//
// For kernels that are no function of one score, such as those with a sorted threshold. One row of
// N numbers at a time, in order; rows must sum to one.
#pragma once

#include <attnlab/kernel.hpp>
#include <attnlab/pairwise_products.hpp>
#include <functional>
#include <limits>

namespace attnlab {

template <class Law>
class RowwiseKernel {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_KERNEL_ROW_STOCHASTIC;
  explicit RowwiseKernel(const Options& options) : law_(options) {}

  // work: weights, their gradients and the law's scratch, of one row.
  KernelSizes sizes(const attnlab_head_shape& shape) const { return {0, 3 * shape.n_keys}; }

  template <class Real>
  void forward(const Head<Real>& head, Matrix<Real> out, Real* saved, Real* work) const {
    forward(head, WeightDropout{}, out, saved, work);
  }

  template <class Real>
  void forward(const Head<Real>& head, const WeightDropout& dropout, Matrix<Real> out, Real*,
               Real* work) const {
    for (Index i = 0; i < out.rows; ++i) {
      std::fill_n(out[i], out.columns, Real(0));
      const Index n = weigh(head, i, work, work + head.k.rows);
      if (dropout.active()) dropout.apply(i, 0, n, work);
      add_sum(head.v, work, n, out[i]);
    }
  }

  template <class Real>
  void backward(const Head<Real>& head, const Upstream<Real>& upstream,
                const Gradients<Real>& add_to, Real* work) const {
    backward(head, WeightDropout{}, upstream, add_to, work);
  }

  template <class Real>
  void backward(const Head<Real>& head, const WeightDropout& dropout,
                const Upstream<Real>& upstream, const Gradients<Real>& add_to, Real* work) const {
    const Real inverse_temperature = static_cast<Real>(1 / head.temperature);
    Real* g = work + head.k.rows;
    for (Index i = 0; i < head.q.rows; ++i) {
      const Index n = weigh(head, i, work, g);
      if (n == 0) continue;
      lanes::scores_of_rows<lanes::Multiply>(1, n, head.v.columns, upstream.dout[i], 0, head.v.data,
                                             head.v.stride, g, 0);
      if (dropout.active()) dropout.apply(i, 0, n, g);
      law_.differentiate(work, g, n);
      if (dropout.active()) dropout.apply(i, 0, n, work);
      for (Index j = 0; j < n; ++j) g[j] *= inverse_temperature;
      add_sum(head.k, g, n, add_to.q[i]);
      for (Index j = 0; j < n; ++j) {
        add(add_to.k[j], g[j], head.q[i], head.k.columns);
        add(add_to.v[j], work[j], upstream.dout[i], head.v.columns);
      }
    }
  }

  template <class Real>
  void weights(const Head<Real>& head, Matrix<Real> weights, Real* work) const {
    for (Index i = 0; i < weights.rows; ++i) {
      const Index n = weigh(head, i, weights[i], work);
      std::fill(weights[i] + n, weights[i] + weights.columns, Real(0));
    }
  }

 private:
  // The weights of query i on the keys that it sees; answers how many these are.
  template <class Real>
  Index weigh(const Head<Real>& head, Index i, Real* a, Real* scratch) const {
    const Index n = head.n_seen(i);
    if (n == 0) return 0;
    const Real inverse_temperature = static_cast<Real>(1 / head.temperature);
    lanes::scores_of_rows<lanes::Multiply>(1, n, head.k.columns, head.q[i], 0, head.k.data,
                                           head.k.stride, a, 0);
    for (Index j = 0; j < n; ++j) a[j] *= inverse_temperature;
    law_.weigh(a, n, scratch);
    return n;
  }

  // to += sum_j x[j] rows[j]
  template <class Real>
  static void add_sum(const Matrix<const Real>& rows, const Real* x, Index n, Real* to) {
    lanes::add_product(1, rows.columns, lanes::Strided<Real>{x, 0, 1}, rows.data, rows.stride, to,
                       0, [n](Index) {
                         return lanes::Range{0, n};
                       });
  }
  template <class Real>
  static void add(Real* y, Real a, const Real* x, Index n) {
    for (Index d = 0; d < n; ++d) y[d] += a * x[d];
  }

  Law law_;
};

// Lowers a [n] by its maximum and copies it to `sorted`, largest first. False, and a all NaN, if a
// score is NaN or plus infinity.
template <class Real>
bool lower_and_sort(Real* a, Index n, Real* sorted) {
  const Real top = *std::max_element(a, a + n);
  bool ordered = true;
  for (Index j = 0; j < n; ++j) {
    a[j] -= top;
    ordered = ordered && a[j] <= 0;
  }
  if (!ordered) {
    std::fill_n(a, n, std::numeric_limits<Real>::quiet_NaN());
    return false;
  }
  std::copy_n(a, n, sorted);
  std::sort(sorted, sorted + n, std::greater<>());
  return true;
}

// g = u (g - sum_j u g / sum_j u): the Jacobian of the sparse families, u [n] given by `slope(S)`.
template <class Real, class Slope>
void project(const Real* S, Real* g, Index n, const Slope& slope) {
  Real of_u = 0, of_ug = 0;
  for (Index j = 0; j < n; ++j) {
    of_u += slope(S[j]);
    of_ug += slope(S[j]) * g[j];
  }
  const Real mean = of_ug / of_u;
  for (Index j = 0; j < n; ++j) g[j] = slope(S[j]) * (g[j] - mean);
}

}  // namespace attnlab

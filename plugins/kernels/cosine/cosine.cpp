// cosine.cpp: softmax of kappa times the cosine of query and key. The temperature plays no part.
//
//   q^ = q / |q|,  S[i][j] = exp(kappa q^[i].k^[j]) / row sum,  |q| = sqrt(q.q + 1e-12)
//   dq = (dq^ - q^ (q^.dq^)) / |q|
#include <array>
#include <attnlab/pairwise.hpp>
#include <cmath>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::real("kappa", "10", 1e-6, 1e6, "1", "sharpness: what the cosine is multiplied by")};

struct Softmax {
  static constexpr auto score = Score::dot;
  static constexpr auto row = Row::softmax;
  explicit Softmax(const Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return s;
  }
  template <class A>
  A slope(const A&, const A&, const auto&) const {
    return A::Ones();
  }
};

class Cosine {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_KERNEL_ROW_STOCHASTIC;
  explicit Cosine(const Options& given) : kappa_(given.real("kappa")), softmax_(given) {}

  // work: that of softmax, then unit queries and keys and their gradients, rows without gaps.
  KernelSizes sizes(const attnlab_head_shape& shape) const {
    const KernelSizes inner = softmax_.sizes(shape);
    return {inner.n_saved,
            rounded(inner.n_work) + 2 * rounded((shape.n_queries + shape.n_keys) * shape.key_dim)};
  }

  template <class Real>
  void forward(const Head<Real>& head, Matrix<Real> out, Real* saved, Real* work) const {
    forward(head, WeightDropout{}, out, saved, work);
  }

  template <class Real>
  void forward(const Head<Real>& head, const WeightDropout& dropout, Matrix<Real> out, Real* saved,
               Real* work) const {
    const Units<Real> units = units_of(head, work);
    softmax_.forward(units.head, dropout, out, saved, work);
  }

  template <class Real>
  void backward(const Head<Real>& head, const Upstream<Real>& upstream,
                const Gradients<Real>& add_to, Real* work) const {
    backward(head, WeightDropout{}, upstream, add_to, work);
  }

  template <class Real>
  void backward(const Head<Real>& head, const WeightDropout& dropout,
                const Upstream<Real>& upstream, const Gradients<Real>& add_to, Real* work) const {
    const Units<Real> units = units_of(head, work);
    for (const auto& d : {units.dq, units.dk}) std::fill_n(d.data, d.rows * d.columns, Real(0));
    softmax_.backward(units.head, dropout, upstream, {units.dq, units.dk, add_to.v}, work);
    turn_back(head.q, units.head.q, units.dq, add_to.q);
    turn_back(head.k, units.head.k, units.dk, add_to.k);
  }

  template <class Real>
  void weights(const Head<Real>& head, Matrix<Real> weights, Real* work) const {
    const Units<Real> units = units_of(head, work);
    softmax_.weights(units.head, weights, work);
  }

 private:
  template <class Real>
  struct Units {
    Head<Real> head;
    Matrix<Real> dq, dk;
  };

  static Index rounded(Index n) { return (n + 15) / 16 * 16; }

  template <class Real>
  static Real length(const Real* x, Index n) {
    Real sum = 0;
    for (Index d = 0; d < n; ++d) sum += x[d] * x[d];
    return std::sqrt(sum + Real(1e-12));
  }

  template <class Real>
  Units<Real> units_of(const Head<Real>& head, Real* work) const {
    const Index n_queries = head.q.rows, n_keys = head.k.rows, n = head.q.columns;
    const attnlab_head_shape shape{
        sizeof(attnlab_head_shape), head.mask, n_queries, n_keys, n, head.v.columns,
        head.first_query,           1.0};
    Real* q = work + rounded(softmax_.sizes(shape).n_work);
    Real* k = q + n_queries * n;
    Real* dq = q + rounded((n_queries + n_keys) * n);
    divide_by_length(head.q, q);
    divide_by_length(head.k, k);
    Head<Real> unit = head;
    unit.q = {q, n_queries, n, n};
    unit.k = {k, n_keys, n, n};
    unit.temperature = 1 / kappa_;
    return {unit, {dq, n_queries, n, n}, {dq + n_queries * n, n_keys, n, n}};
  }

  template <class Real>
  static void divide_by_length(const Matrix<const Real>& from, Real* to) {
    for (Index i = 0; i < from.rows; ++i) {
      const Real one_over = 1 / length(from[i], from.columns);
      for (Index d = 0; d < from.columns; ++d) to[i * from.columns + d] = from[i][d] * one_over;
    }
  }

  template <class Real>
  static void turn_back(const Matrix<const Real>& x, const Matrix<const Real>& unit,
                        const Matrix<Real>& dunit, const Matrix<Real>& dx) {
    for (Index i = 0; i < x.rows; ++i) {
      const Real one_over = 1 / length(x[i], x.columns);
      Real along = 0;
      for (Index d = 0; d < x.columns; ++d) along += unit[i][d] * dunit[i][d];
      for (Index d = 0; d < x.columns; ++d) {
        dx[i][d] += (dunit[i][d] - unit[i][d] * along) * one_over;
      }
    }
  }

  double kappa_;
  PairwiseKernel<Softmax> softmax_;
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(Cosine, options,
                      (attnlab::About{.name = "cosine",
                                      .summary = "softmax of the cosine; rows sum to one",
                                      .formula = "S = exp(kappa cos(q, k)) / row sum",
                                      .paper = "Henry et al. 2020, arXiv 2010.04245"}))

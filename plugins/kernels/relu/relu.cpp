// relu.cpp: S[i][j] = max(q[i].k[j] / temperature, 0)^power / n, n keys seen.
#include <array>
#include <attnlab/pairwise.hpp>

namespace {

constexpr std::array options{
    attnlab::option::integer("power", "1", 1, 16, "1", "the power of the positive part")};

struct Relu {
  static constexpr auto score = attnlab::Score::dot;
  static constexpr auto row = attnlab::Row::free;
  explicit Relu(const attnlab::Options& given) : power(static_cast<int>(given.integer("power"))) {}

  template <class A>
  A value(const A& s, const auto& asker) const {
    const A x = positive(s);
    A y = x / asker.n_keys;
    for (int i = 1; i < power; ++i) y *= x;
    return y;
  }
  template <class A>
  A slope(const A& s, const A&, const auto& asker) const {
    using Real = typename A::Scalar;
    const A x = positive(s);
    A y = (s <= Real(0)).select(A::Zero(), A::Constant(static_cast<Real>(power) / asker.n_keys));
    y = (s != s).select(s, y);  // NaN stays NaN
    for (int i = 1; i < power; ++i) y *= x;
    return y;
  }

  template <class A>
  static A positive(const A& s) {  // not max(): NaN stays NaN
    return (s < typename A::Scalar(0)).select(A::Zero(), s);
  }
  int power;
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Relu>, options,
                      (attnlab::About{
                          .name = "relu",
                          .summary = "the positive part of the score, divided by the keys seen",
                          .formula = "S = max(q.k / temperature, 0)^power / n",
                          .paper = "Wortsman et al. 2023, arXiv 2309.08586"}))

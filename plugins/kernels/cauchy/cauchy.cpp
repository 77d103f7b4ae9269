// cauchy.cpp: S[i][j] = 1 / (1 + |q[i] - k[j]|^2 / temperature).
#include <attnlab/pairwise.hpp>

namespace {

struct Cauchy {
  static constexpr auto score = attnlab::Score::square_distance;
  static constexpr auto row = attnlab::Row::free;
  explicit Cauchy(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return (s + 1).inverse();
  }
  template <class A>
  A slope(const A&, const A& f, const auto&) const {
    return -f.square();
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Cauchy>, attnlab::no_options,
                      (attnlab::About{
                          .name = "cauchy",
                          .summary = "rational attention with a heavy tail; mass 0 .. n",
                          .formula = "S = 1 / (1 + |q - k|^2 / temperature)",
                          .paper = "a control for arXiv 2411.07538"}))

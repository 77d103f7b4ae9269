// exponential.cpp: S[i][j] = exp(q[i].k[j] / temperature), rows not normalised.
#include <attnlab/pairwise.hpp>

namespace {

struct Exponential {
  static constexpr auto score = attnlab::Score::dot;
  static constexpr auto row = attnlab::Row::free;
  explicit Exponential(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return attnlab::exponential(s);
  }
  template <class A>
  A slope(const A&, const A& f, const auto&) const {
    return f;
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Exponential>, attnlab::no_options,
                      (attnlab::About{.name = "exponential",
                                      .summary = "softmax without its row sum; mass is free",
                                      .formula = "S = exp(q.k / temperature)",
                                      .paper = "a control for arXiv 2411.07538"}))

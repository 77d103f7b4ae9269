// softmax.cpp: S[i][j] = exp(s[i][j]) / sum_l exp(s[i][l]),  s = q.k / temperature.
#include <attnlab/pairwise.hpp>

namespace {

struct Softmax {
  static constexpr auto score = attnlab::Score::dot;
  static constexpr auto row = attnlab::Row::softmax;
  explicit Softmax(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return s;
  }
  template <class A>
  A slope(const A&, const A&, const auto&) const {
    return A::Ones();
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Softmax>, attnlab::no_options,
                      (attnlab::About{.name = "softmax",
                                      .summary = "scaled dot-product attention; rows sum to one",
                                      .formula = "S = exp(q.k / temperature) / row sum",
                                      .paper = "Vaswani et al. 2017, arXiv 1706.03762"}))

// softmax1.cpp: S[i][j] = exp(s[i][j]) / (1 + sum_l exp(s[i][l])),  s = q.k / temperature.
#include <attnlab/pairwise.hpp>

namespace {

struct Softmax1 {
  static constexpr auto score = attnlab::Score::dot;
  static constexpr auto row = attnlab::Row::softmax_plus_one;
  explicit Softmax1(const attnlab::Options&) {}
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

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Softmax1>, attnlab::no_options,
                      (attnlab::About{.name = "softmax1",
                                      .summary = "softmax that may attend to nothing: mass 0 .. 1",
                                      .formula = "S = exp(q.k / temperature) / (1 + row sum)",
                                      .paper = "Miller 2023, Attention is off by one"}))

// normalized_gaussian.cpp: the Gaussian kernel with rows that sum to one.
#include <attnlab/pairwise.hpp>

namespace {

struct NormalizedGaussian {
  static constexpr auto score = attnlab::Score::square_distance;
  static constexpr auto row = attnlab::Row::softmax;  // f is the exponent: far rows do not die
  explicit NormalizedGaussian(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return s / -2;
  }
  template <class A>
  A slope(const A&, const A&, const auto&) const {
    return A::Constant(-0.5);
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<NormalizedGaussian>, attnlab::no_options,
                      (attnlab::About{.name = "normalized_gaussian",
                                      .summary = "Gaussian attention; rows sum to one",
                                      .formula = "S = exp(-|q - k|^2 / (2 temperature)) / row sum",
                                      .paper = "a control for arXiv 2411.07538"}))

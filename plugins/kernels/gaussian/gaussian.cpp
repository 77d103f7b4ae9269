// gaussian.cpp: S[i][j] = exp(-|q[i] - k[j]|^2 / (2 temperature)), rows not normalised.
#include <attnlab/pairwise.hpp>

namespace {

struct Gaussian {
  static constexpr auto score = attnlab::Score::square_distance;
  static constexpr auto row = attnlab::Row::free;
  explicit Gaussian(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return attnlab::exponential(s / -2);
  }
  template <class A>
  A slope(const A&, const A& f, const auto&) const {
    return f / -2;
  }
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Gaussian>, attnlab::no_options,
                      (attnlab::About{.name = "gaussian",
                                      .summary = "Gaussian attention without row sum; mass 0 .. n",
                                      .formula = "S = exp(-|q - k|^2 / (2 temperature))",
                                      .paper = "Song et al. 2024, arXiv 2411.07538; "
                                               "Chen et al. 2021 (Skyformer)"}))

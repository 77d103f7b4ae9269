// sigmoid.cpp: S[i][j] = 1 / (1 + exp(-(q[i].k[j] / temperature + bias))), bias -log n, n keys
// seen.
#include <array>
#include <attnlab/pairwise.hpp>
#include <cmath>

namespace {

constexpr std::array options{
    attnlab::option::real("bias", "null", -attnlab::option::infinity, attnlab::option::infinity,
                          "1", "added to the score; null: -log of the number of keys seen")};

struct Sigmoid {
  static constexpr auto score = attnlab::Score::dot;
  static constexpr auto row = attnlab::Row::free;
  explicit Sigmoid(const attnlab::Options& given)
      : per_key(given.is_null("bias")), odds(per_key ? 1 : std::exp(-given.real("bias"))) {}

  template <class A>
  A value(const A& s, const auto& asker) const {  // exp(-bias) is n where bias is -log n
    const auto against = per_key ? asker.n_keys : static_cast<typename A::Scalar>(odds);
    const A e = attnlab::exponential(-s) * against;
    return (e + 1).inverse();
  }
  template <class A>
  A slope(const A&, const A& f, const auto&) const {
    return f * (1 - f);
  }

  bool per_key;
  double odds;
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Sigmoid>, options,
                      (attnlab::About{
                          .name = "sigmoid",
                          .summary = "a logistic function of each score; mass 0 .. n",
                          .formula = "S = sigma(q.k / temperature + bias), bias = -log n",
                          .paper = "Ramapuram et al. 2024, arXiv 2409.04431"}))

// polynomial.cpp: S[i][j] = (q[i].k[j] / temperature + offset)^degree / n, n keys seen.
#include <array>
#include <attnlab/pairwise.hpp>

namespace {

constexpr std::array options{
    attnlab::option::integer("degree", "2", 1, 16, "1", "the power of the score"),
    attnlab::option::real("offset", "1", -attnlab::option::infinity, attnlab::option::infinity, "1",
                          "added to the score")};

struct Polynomial {
  static constexpr auto score = attnlab::Score::dot;
  static constexpr auto row = attnlab::Row::free;
  explicit Polynomial(const attnlab::Options& given)
      : degree(static_cast<int>(given.integer("degree"))), offset(given.real("offset")) {}

  template <class A>
  A value(const A& s, const auto& asker) const {
    return power(shifted(s), degree) / asker.n_keys;
  }
  template <class A>
  A slope(const A& s, const A&, const auto& asker) const {
    const auto factor = static_cast<typename A::Scalar>(degree) / asker.n_keys;
    return power(shifted(s), degree - 1) * factor;
  }

  template <class A>
  A shifted(const A& s) const {
    return s + static_cast<typename A::Scalar>(offset);
  }
  template <class A>
  static A power(const A& x, int n) {
    A y = A::Ones();
    for (int i = 0; i < n; ++i) y *= x;
    return y;
  }
  int degree;
  double offset;
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Polynomial>, options,
                      (attnlab::About{.name = "polynomial",
                                      .summary = "a power of the score, divided by the keys seen",
                                      .formula = "S = (q.k / temperature + offset)^degree / n",
                                      .paper = "a control for arXiv 2411.07538"}))

// laplacian.cpp: S[i][j] = exp(-|q[i] - k[j]| / temperature), the norm being l2 or l1.
#include <array>
#include <attnlab/pairwise.hpp>

namespace {

constexpr std::array options{
    attnlab::option::choice("norm", "\"l2\"", "l2|l1", "how far a query is from a key")};

// |q - k| = sqrt(|q - k|^2 + 1e-12): the slope at q = k is large but finite, and its product with
// q - k is 0 there.
struct L2 {
  static constexpr auto score = attnlab::Score::square_distance;
  static constexpr auto row = attnlab::Row::free;
  static constexpr bool steep_at_zero = true;
  explicit L2(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto& asker) const {
    return attnlab::exponential(-distance(s, asker) / asker.temperature);
  }
  template <class A>
  A slope(const A& s, const A& f, const auto& asker) const {
    return f / (distance(s, asker) * -2);
  }
  template <class A>
  static A distance(const A& s, const auto& asker) {
    return (s * asker.temperature + typename A::Scalar(1e-12)).sqrt();
  }
};

struct L1 {
  static constexpr auto score = attnlab::Score::distance_l1;
  static constexpr auto row = attnlab::Row::free;
  explicit L1(const attnlab::Options&) {}
  template <class A>
  A value(const A& s, const auto&) const {
    return attnlab::exponential(-s);
  }
  template <class A>
  A slope(const A&, const A& f, const auto&) const {
    return -f;
  }
};

class Laplacian {
 public:
  static constexpr std::uint32_t flags = 0;
  explicit Laplacian(const attnlab::Options& given)
      : is_l1_(given.text("norm") == "l1"), l1_(given), l2_(given) {}

  attnlab::KernelSizes sizes(const attnlab_head_shape& shape) const {
    return is_l1_ ? l1_.sizes(shape) : l2_.sizes(shape);
  }
  template <class Real>
  void forward(const attnlab::Head<Real>& head, attnlab::Matrix<Real> out, Real* saved,
               Real* work) const {
    forward(head, attnlab::WeightDropout{}, out, saved, work);
  }
  template <class Real>
  void forward(const attnlab::Head<Real>& head, const attnlab::WeightDropout& dropout,
               attnlab::Matrix<Real> out, Real* saved, Real* work) const {
    is_l1_ ? l1_.forward(head, dropout, out, saved, work)
           : l2_.forward(head, dropout, out, saved, work);
  }
  template <class Real>
  void backward(const attnlab::Head<Real>& head, const attnlab::Upstream<Real>& upstream,
                const attnlab::Gradients<Real>& add_to, Real* work) const {
    backward(head, attnlab::WeightDropout{}, upstream, add_to, work);
  }
  template <class Real>
  void backward(const attnlab::Head<Real>& head, const attnlab::WeightDropout& dropout,
                const attnlab::Upstream<Real>& upstream, const attnlab::Gradients<Real>& add_to,
                Real* work) const {
    is_l1_ ? l1_.backward(head, dropout, upstream, add_to, work)
           : l2_.backward(head, dropout, upstream, add_to, work);
  }
  template <class Real>
  void weights(const attnlab::Head<Real>& head, attnlab::Matrix<Real> weights, Real* work) const {
    is_l1_ ? l1_.weights(head, weights, work) : l2_.weights(head, weights, work);
  }

 private:
  bool is_l1_;
  attnlab::PairwiseKernel<L1> l1_;
  attnlab::PairwiseKernel<L2> l2_;
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(Laplacian, options,
                      (attnlab::About{.name = "laplacian",
                                      .summary = "exponential of minus the distance; mass 0 .. n",
                                      .formula = "S = exp(-|q - k| / temperature)",
                                      .paper = "a control for arXiv 2411.07538"}))

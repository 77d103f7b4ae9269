// activation.cpp: identity, relu and gelu, and the exponentials of cross-entropy.
#define EIGEN_RUNTIME_NO_MALLOC
#include "model/activation.hpp"

#include <Eigen/Core>
#include <cmath>
#include <numbers>
#include <unsupported/Eigen/SpecialFunctions>

namespace attnlab {
namespace {

template <class S>
using Array = Eigen::Array<S, Eigen::Dynamic, 1>;

constexpr Index chunk = 64;  // numbers of a piece that stays in registers and the first cache

// Phi of one piece. float goes through Eigen's vectorised erf (error 1e-7), double through the
// exact one of the C library.
void normal_share(const float* x, Index n, float* share) {
  Eigen::Map<Array<float>>(share, n) =
      (Eigen::Map<const Array<float>>(x, n) * (1.0f / std::numbers::sqrt2_v<float>)).erf() * 0.5f +
      0.5f;
}
void normal_share(const double* x, Index n, double* share) {
  for (Index i = 0; i < n; ++i) share[i] = 0.5 * std::erfc(-x[i] / std::numbers::sqrt2);
}

// y = x Phi(x),  dy/dx = Phi(x) + x phi(x)
template <class S>
void gelu(S* x, S* slope, Index n) {
  alignas(64) S share[chunk], bell[chunk];
  constexpr S root = std::numbers::inv_sqrtpi_v<S> / std::numbers::sqrt2_v<S>;  // 1/sqrt(2 pi)
  for (Index first = 0; first < n; first += chunk) {
    const Index m = std::min(chunk, n - first);
    S* in = x + first;
    normal_share(in, m, share);
    if (slope != nullptr) {
      Eigen::Map<Array<S>>(bell, m) = (Eigen::Map<const Array<S>>(in, m).square() * S(-0.5)).exp();
      for (Index i = 0; i < m; ++i) slope[first + i] = share[i] + in[i] * bell[i] * root;
    }
    for (Index i = 0; i < m; ++i) in[i] *= share[i];
  }
}

}  // namespace

template <class S>
void activate(Activation f, Rows<S> x, S* slope) {
  if (f == Activation::relu)
    for (Index i = 0; i < x.size(); ++i) x.data[i] = x.data[i] < S(0) ? S(0) : x.data[i];
  if (f == Activation::gelu) gelu(x.data, slope, x.size());
}

template <class S>
void activate_backward(Activation f, Rows<const S> y, const S* slope, Rows<S> d) {
  if (f == Activation::relu)
    for (Index i = 0; i < d.size(); ++i) d.data[i] = y.data[i] == S(0) ? S(0) : d.data[i];
  if (f == Activation::gelu) multiply_by(d.data, slope, d.size());
}

template <class S>
S exp_below(const S* x, S top, Index n, S* out) {
  Eigen::Map<Array<S>>(out, n) = (Eigen::Map<const Array<S>>(x, n) - top).exp();
  return sum_of<S>(n, [&](Index i) { return out[i]; });
}

#define ATTNLAB_FOR(S)                                                           \
  template void activate(Activation, Rows<S>, S*);                               \
  template void activate_backward(Activation, Rows<const S>, const S*, Rows<S>); \
  template S exp_below(const S*, S, Index, S*);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

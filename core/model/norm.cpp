// norm.cpp: layer norm and division by the length, forward and backward.
#include "model/norm.hpp"

#include <cmath>

namespace attnlab {

template <class S>
void layer_norm(Rows<const S> x, const S* gain, const S* bias, Rows<S> y, S* stats) {
  const Index n = x.columns;
  for (Index r = 0; r < x.rows; ++r) {
    const S* in = x[r];
    S* out = y[r];
    const S mean = sum_of<S>(n, [&](Index i) { return in[i]; }) / static_cast<S>(n);
    const S squares = sum_of<S>(n, [&](Index i) { return (in[i] - mean) * (in[i] - mean); });
    const S scale = S(1) / std::sqrt(squares / static_cast<S>(n) + S(1e-5));
    for (Index i = 0; i < n; ++i) out[i] = (in[i] - mean) * scale * gain[i] + bias[i];
    stats[2 * r] = mean;
    stats[2 * r + 1] = scale;
  }
}

// With z = (x - mean) r and g = d gain:  dx = r (g - mean(g) - z mean(g z)).
template <class S>
void layer_norm_backward(Rows<const S> x, const S* gain, const S* stats, Rows<S> d, S* d_gain,
                         S* d_bias) {
  const Index n = x.columns;
  for (Index row = 0; row < x.rows; ++row) {
    const S* in = x[row];
    S* g = d[row];
    const S mean = stats[2 * row], scale = stats[2 * row + 1];
    if (d_bias != nullptr) add_to(d_bias, g, n);
    if (d_gain != nullptr)
      for (Index i = 0; i < n; ++i) d_gain[i] += g[i] * ((in[i] - mean) * scale);
    multiply_by(g, gain, n);
    const S mean_g = sum_of<S>(n, [&](Index i) { return g[i]; }) / static_cast<S>(n);
    const S mean_gz =
        sum_of<S>(n, [&](Index i) { return g[i] * ((in[i] - mean) * scale); }) / static_cast<S>(n);
    for (Index i = 0; i < n; ++i) g[i] = scale * (g[i] - mean_g - (in[i] - mean) * scale * mean_gz);
  }
}

template <class S>
void unit_norm(Rows<const S> x, Rows<S> y, S* stats) {
  for (Index r = 0; r < x.rows; ++r) {
    const S length = std::sqrt(dot(x[r], x[r], x.columns));
    stats[r] = length == S(0) ? S(0) : S(1) / length;
    for (Index i = 0; i < x.columns; ++i) y[r][i] = x[r][i] * stats[r];
  }
}

// dx = (d - y (y . d)) / |x|
template <class S>
void unit_norm_backward(Rows<const S> y, const S* stats, Rows<S> d) {
  for (Index r = 0; r < y.rows; ++r) {
    const S along = dot(y[r], static_cast<const S*>(d[r]), y.columns);
    for (Index i = 0; i < y.columns; ++i) d[r][i] = (d[r][i] - y[r][i] * along) * stats[r];
  }
}

#define ATTNLAB_FOR(S)                                                                   \
  template void layer_norm(Rows<const S>, const S*, const S*, Rows<S>, S*);              \
  template void layer_norm_backward(Rows<const S>, const S*, const S*, Rows<S>, S*, S*); \
  template void unit_norm(Rows<const S>, Rows<S>, S*);                                   \
  template void unit_norm_backward(Rows<const S>, const S*, Rows<S>);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

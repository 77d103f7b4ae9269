// rows.hpp: a borrowed matrix, rows behind each other without gaps, and the loops over its numbers
// that every layer needs.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/index.hpp"

namespace attnlab {

template <class S>
struct Rows {
  S* data = nullptr;
  Index rows = 0, columns = 0;
  S* operator[](Index r) const { return data + r * columns; }
  Index size() const { return rows * columns; }
  Rows<const S> read() const { return {data, rows, columns}; }
};

template <class S>
void add_to(S* y, const S* x, Index n) {  // y += x
  for (Index i = 0; i < n; ++i) y[i] += x[i];
}

template <class S>
void add_scaled(S* y, S a, const S* x, Index n) {  // y += a x
  for (Index i = 0; i < n; ++i) y[i] += a * x[i];
}

template <class S>
void multiply_by(S* y, const S* x, Index n) {  // y *= x
  for (Index i = 0; i < n; ++i) y[i] *= x[i];
}

template <class S>
void add_bias(Rows<S> y, const S* bias) {
  for (Index r = 0; r < y.rows; ++r) add_to(y[r], bias, y.columns);
}

// out += the sum of all rows, in their order.
template <class S>
void add_column_sums(Rows<const S> x, S* out) {
  for (Index r = 0; r < x.rows; ++r) add_to(out, x[r], x.columns);
}

// Sums in 16 lanes that are added in a fixed order: quick, and the same bits each time.
template <class S, class Term>
S sum_of(Index n, Term term) {
  constexpr Index lanes = 16;
  S lane[lanes] = {};
  Index i = 0;
  for (; i + lanes <= n; i += lanes)
    for (Index j = 0; j < lanes; ++j) lane[j] += term(i + j);
  for (Index j = 0; i < n; ++i, ++j) lane[j] += term(i);
  for (Index half = lanes / 2; half > 0; half /= 2)
    for (Index j = 0; j < half; ++j) lane[j] += lane[j + half];
  return lane[0];
}

template <class S>
S dot(const S* x, const S* y, Index n) {
  return sum_of<S>(n, [&](Index i) { return x[i] * y[i]; });
}

}  // namespace attnlab

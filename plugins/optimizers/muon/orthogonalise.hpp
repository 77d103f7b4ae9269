// orthogonalise.hpp: the nearest semi-orthogonal matrix, nearly, by Newton-Schulz steps.
//
//   X = G / (|G|_F + 1e-7);   five times   A = X X^T,   X = a X + (b A + c A A) X
//
// with (a, b, c) = (3.4445, -4.7750, 2.0315), a tall G by its transpose (Jordan et al. 2024). The
// polynomial lifts small singular values fast and leaves all between about 0.7 and 1.2.
// Shapes: X [r][k], r <= k; A and A A [r][r]. Sums run in the order of the innermost index.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace attnlab::muon {

using Index = std::int64_t;

// C += A B, A [m][n] B [n][k] C [m][k].
template <class Number>
void add_product(const Number* a, const Number* b, Number* c, Index m, Index n, Index k) {
  for (Index i = 0; i < m; ++i) {
    for (Index l = 0; l < n; ++l) {
      const Number factor = a[i * n + l];
      for (Index j = 0; j < k; ++j) c[i * k + j] += factor * b[l * k + j];
    }
  }
}

template <class Number>
void transpose(const Number* from, Number* to, Index rows, Index columns) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
  }
}

// Numbers of scratch for a matrix [rows][columns].
inline Index n_scratch(Index rows, Index columns) {
  const Index r = std::min(rows, columns);
  return 3 * rows * columns + 2 * r * r;
}

// Replaces `matrix` [rows][columns]; scratch [n_scratch(rows, columns)].
template <class Number>
void orthogonalise(Number* matrix, Index rows, Index columns, Index n_steps, Number* scratch) {
  const auto a = Number(3.4445), b = Number(-4.7750), c = Number(2.0315);
  const Index r = std::min(rows, columns), k = std::max(rows, columns), size = rows * columns;
  Number* x = scratch;
  Number* turned = x + size;  // X^T, then the next X
  Number* next = turned + size;
  Number* const gram = next + size;
  Number* const polynomial = gram + r * r;

  double squares = 0;
  for (Index i = 0; i < size; ++i) {
    squares += static_cast<double>(matrix[i]) * static_cast<double>(matrix[i]);
  }
  const auto shrink = static_cast<Number>(1 / (std::sqrt(squares) + 1e-7));
  if (rows > columns) {
    transpose(matrix, x, rows, columns);
  } else {
    std::copy(matrix, matrix + size, x);
  }
  for (Index i = 0; i < size; ++i) x[i] *= shrink;

  for (Index s = 0; s < n_steps; ++s) {
    transpose(x, turned, r, k);
    std::fill(gram, gram + r * r, Number(0));
    add_product(x, turned, gram, r, k, r);
    std::fill(polynomial, polynomial + r * r, Number(0));
    add_product(gram, gram, polynomial, r, r, r);
    for (Index i = 0; i < r * r; ++i) polynomial[i] = b * gram[i] + c * polynomial[i];
    for (Index i = 0; i < size; ++i) next[i] = a * x[i];
    add_product(polynomial, x, next, r, r, k);
    std::swap(x, next);
  }
  if (rows > columns) {
    transpose(x, matrix, r, k);
  } else {
    std::copy(x, x + size, matrix);
  }
}

}  // namespace attnlab::muon

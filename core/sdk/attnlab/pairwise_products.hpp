// pairwise_products.hpp: the matrix products of one tile, written for operands that are already in
// cache: nothing is packed, nothing allocated, and every number is summed in the order of its
// index.
#pragma once

#include <algorithm>
#include <attnlab/pairwise_lanes.hpp>
#include <utility>

namespace attnlab::lanes {

// The half-open range of summands of one row.
struct Range {
  Index first, last;
};

// Element (a, b) of a matrix whose rows and columns lie anyhow.
template <class Real>
struct Strided {
  const Real* data;
  Index row, column;
  const Real* at(Index a, Index b) const { return data + a * row + b * column; }
};

struct Multiply {  // sum of x y
  template <class L, class Real>
  static L step(L sum, Real x, L y) {
    return sum + x * y;
  }
};
struct SquareDifference {  // sum of (x - y)^2, without the cancellation of x^2 + y^2 - 2xy
  template <class L, class Real>
  static L step(L sum, Real x, L y) {
    const L d = x - y;
    return sum + d * d;
  }
};
struct AbsoluteDifference {  // sum of |x - y|
  template <class L, class Real>
  static L step(L sum, Real x, L y) {
    const L d = x - y;
    return sum + (d < L{} ? -d : d);
  }
};

// Calls work(size, first) for pieces of 0 .. n - 1 in their order: whole blocks, and one piece of
// what is left, so that a tiny head is one block. The size is known to the compiler.
template <int largest, class Work>
[[gnu::always_inline]] inline void in_blocks(Index n, const Work& work) {
  Index i = 0;
  for (; i + largest <= n; i += largest) work(std::integral_constant<int, largest>{}, i);
  [&]<int... less>(std::integer_sequence<int, less...>) {
    ((n - i == less + 1 ? work(std::integral_constant<int, less + 1>{}, i) : void()), ...);
  }
  (std::make_integer_sequence<int, largest - 1>{});
}

// C[a][c] = (C[a][c] or 0) + sum_b Op(A(a, b), B[b][c]) for `rows` rows a and n * vectors columns
// c.
template <class Op, bool add, int rows, int n, int vectors, class Real>
[[gnu::always_inline]] inline void block(Strided<Real> a, Range b, const Real* B, Index B_stride,
                                         Real* C, Index C_stride) {
  Lanes<Real, n> sum[rows][vectors];
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) {
      sum[r][v] = add ? load<n>(C + r * C_stride + v * n) : Lanes<Real, n>{};
    }
  }
  const Real* left = a.at(0, b.first);
  const Real* right = B + b.first * B_stride;
  for (Index i = b.first; i < b.last; ++i, left += a.column, right += B_stride) {
    Lanes<Real, n> y[vectors];
    for (int v = 0; v < vectors; ++v) y[v] = load<n>(right + v * n);
    for (int r = 0; r < rows; ++r) {
      const Real x = left[r * a.row];
      for (int v = 0; v < vectors; ++v) sum[r][v] = Op::step(sum[r][v], x, y[v]);
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) store<n>(C + r * C_stride + v * n, sum[r][v]);
  }
}

// All columns of some rows: pairs of full registers, then what is left in ever smaller ones.
template <class Op, bool add, int rows, int n, class Real>
inline void columns(Strided<Real> a, Range b, const Real* B, Index B_stride, Real* C,
                    Index C_stride, Index n_columns) {
  Index c = 0;
  if constexpr (n == kWidth<Real>) {
    for (; c + 2 * n <= n_columns; c += 2 * n) {
      block<Op, add, rows, n, 2>(a, b, B + c, B_stride, C + c, C_stride);
    }
  }
  if (c + n <= n_columns) {
    block<Op, add, rows, n, 1>(a, b, B + c, B_stride, C + c, C_stride);
    c += n;
  }
  if constexpr (n > 1) {
    if (c < n_columns) {
      columns<Op, add, rows, n / 2>(a, b, B + c, B_stride, C + c, C_stride, n_columns - c);
    }
  }
}

// Rows a0 .. a0 + rows - 1, each with its own range: together where they share it, one by one where
// not, so that what a row does not see is never touched (0 * NaN would be NaN).
template <int rows, class Real, class RangeOf>
inline void add_rows(Strided<Real> a, Index a0, const Real* B, Index B_stride, Real* C,
                     Index C_stride, Index n_columns, const RangeOf& range_of) {
  Range shared = range_of(a0);
  for (Index r = a0 + 1; r < a0 + rows; ++r) {
    const Range own = range_of(r);
    shared = {std::max(shared.first, own.first), std::min(shared.last, own.last)};
  }
  const Strided<Real> left{a.at(a0, 0), a.row, a.column};
  Real* to = C + a0 * C_stride;
  if (shared.first < shared.last) {
    columns<Multiply, true, rows, kWidth<Real>>(left, shared, B, B_stride, to, C_stride, n_columns);
  }
  if constexpr (rows > 1) {
    for (Index r = 0; r < rows; ++r) {
      const Range own = range_of(a0 + r);
      const Strided<Real> row{left.at(r, 0), 0, a.column};
      const auto rest = [&](Range b) {
        if (b.first < b.last) {
          columns<Multiply, true, 1, kWidth<Real>>(row, b, B, B_stride, to + r * C_stride, C_stride,
                                                   n_columns);
        }
      };
      if (shared.first >= shared.last) {
        rest(own);
      } else {
        rest({own.first, shared.first});
        rest({shared.last, own.last});
      }
    }
  }
}

// C[a][c] += sum_b A(a, b) B[b][c], a < n_rows, c < n_columns, b in range_of(a).
template <class Real, class RangeOf>
void add_product(Index n_rows, Index n_columns, Strided<Real> a, const Real* B, Index B_stride,
                 Real* C, Index C_stride, const RangeOf& range_of) {
  in_blocks<kBlockRows>(n_rows, [&]<int rows>(std::integral_constant<int, rows>, Index r) {
    add_rows<rows>(a, r, B, B_stride, C, C_stride, n_columns, range_of);
  });
}

// C[a][c] = sum_b Op(A[a][b], B[b][c]): the scores of a tile. n_columns is a multiple of kWidth.
template <class Op, class Real>
void scores_of_packed(Index n_rows, Index n_columns, Index depth, const Real* A, Index A_stride,
                      const Real* B, Index B_stride, Real* C, Index C_stride) {
  in_blocks<kBlockRows>(n_rows, [&]<int rows>(std::integral_constant<int, rows>, Index r) {
    columns<Op, false, rows, kWidth<Real>>(Strided<Real>{A + r * A_stride, A_stride, 1},
                                           Range{0, depth}, B, B_stride, C + r * C_stride, C_stride,
                                           n_columns);
  });
}

// The same from rows B[c] as they lie, C[a][c] = sum_b Op(A[a][b], B[c][b]): for few rows, where
// packing would cost more than it saves.
template <class Op, int n, class Real>
inline void scores_of_row(Index depth, const Real* x, const Real* B, Index B_stride, Real* to) {
  constexpr int width = kWidth<Real>;
  Lanes<Real> sums[n] = {};
  Index d = 0;
  for (; d + width <= depth; d += width) {
    const Lanes<Real> left = load<width>(x + d);
    for (int c = 0; c < n; ++c)
      sums[c] = Op::step(sums[c], left, load<width>(B + c * B_stride + d));
  }
  for (int c = 0; c < n; ++c) {
    Lanes<Real, 1> total{sum<Real, width>(sums[c])};
    for (Index rest = d; rest < depth; ++rest) {
      total = Op::step(total, x[rest], load<1>(B + c * B_stride + rest));
    }
    to[c] = total[0];
  }
}

template <class Op, int rows, int n, class Real>
inline void scores_of_few(Index depth, const Real* A, Index A_stride, const Real* B, Index B_stride,
                          Real* C, Index C_stride) {
  constexpr int width = kWidth<Real>;
  constexpr int padded = n > 4 ? 8 : n > 2 ? 4 : n;  // NOLINT(bugprone-branch-clone)
  Lanes<Real> sums[rows][padded] = {};
  Index d = 0;
  for (; d + width <= depth; d += width) {
    Lanes<Real> left[rows];
    for (int r = 0; r < rows; ++r) left[r] = load<width>(A + r * A_stride + d);
    for (int c = 0; c < n; ++c) {
      const Lanes<Real> right = load<width>(B + c * B_stride + d);
      for (int r = 0; r < rows; ++r) sums[r][c] = Op::step(sums[r][c], left[r], right);
    }
  }
  for (int r = 0; r < rows; ++r) {
    Real* to = C + r * C_stride;
    if constexpr (padded <= width) {
      const auto total = each_sum<Real, width, padded>(sums[r]);
      std::memcpy(to, &total, n * sizeof(Real));
    } else {
      for (int c = 0; c < n; ++c) to[c] = sum<Real, width>(sums[r][c]);
    }
    for (Index rest = d; rest < depth; ++rest) {
      for (int c = 0; c < n; ++c) {
        to[c] = Op::step(Lanes<Real, 1>{to[c]}, A[r * A_stride + rest],
                         load<1>(B + c * B_stride + rest))[0];
      }
    }
  }
}

template <class Op, class Real>
void scores_of_rows(Index n_rows, Index n_columns, Index depth, const Real* A, Index A_stride,
                    const Real* B, Index B_stride, Real* C, Index C_stride) {
  in_blocks<8>(n_columns, [&]<int n>(std::integral_constant<int, n>, Index c) {
    in_blocks<kFewRows>(n_rows, [&]<int rows>(std::integral_constant<int, rows>, Index a) {
      scores_of_few<Op, rows, n>(depth, A + a * A_stride, A_stride, B + c * B_stride, B_stride,
                                 C + a * C_stride + c, C_stride);
    });
  });
}

// to[d][c] = from[c][d] for c < n, zeros up to n_padded: keys side by side in a register.
template <class Real>
void pack(Index n, Index n_padded, Index depth, const Real* from, Index from_stride, Real* to,
          Index to_stride) {
  for (Index d = 0; d < depth; ++d) {
    Real* row = to + d * to_stride;
    for (Index c = 0; c < n; ++c) row[c] = from[c * from_stride + d];
    for (Index c = n; c < n_padded; ++c) row[c] = Real(0);
  }
}

}  // namespace attnlab::lanes

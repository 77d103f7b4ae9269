// pairwise_lanes.hpp: a few numbers at once: what the inner loops of pairwise kernels are made of.
//
// Lanes<Real, n> are n numbers in one vector register (an extension of GCC and Clang); operators
// work number by number, and a plain number beside them is meant for all. A register's width
// follows from -march, which is part of the build and recorded.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace attnlab::lanes {

using Index = std::ptrdiff_t;

#if defined(__AVX512F__)
inline constexpr int kBytes = 64, kBlockRows = 8, kFewRows = 2;  // 32 registers
#elif defined(__AVX__)
inline constexpr int kBytes = 32, kBlockRows = 4, kFewRows = 1;  // 16 registers
#else
inline constexpr int kBytes = 16, kBlockRows = 4, kFewRows = 1;
#endif

template <class Real>
inline constexpr int kWidth = kBytes / static_cast<int>(sizeof(Real));

template <class Real, int n>
struct LanesOf {
  using Integer = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;
  typedef Real Reals __attribute__((vector_size(n * sizeof(Real))));
  typedef Integer Integers __attribute__((vector_size(n * sizeof(Real))));
};
template <class Real, int n = kWidth<Real>>
using Lanes = typename LanesOf<Real, n>::Reals;

template <int n, class Real>
inline Lanes<Real, n> load(const Real* from) {
  Lanes<Real, n> x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

template <int n, class Real>
inline void store(Real* to, Lanes<Real, n> x) {
  std::memcpy(to, &x, sizeof x);
}

// The sum of all lanes, halves first: a fixed order.
template <class Real, int n>
inline Real sum(Lanes<Real, n> x) {
  if constexpr (n == 1) {
    return x[0];
  } else {
    Lanes<Real, n / 2> low, high;
    std::memcpy(&low, &x, sizeof low);
    std::memcpy(&high, reinterpret_cast<const char*>(&x) + sizeof low, sizeof high);
    return sum<Real, n / 2>(low + high);
  }
}

// Groups of `group` lanes of group vectors, each still to be added up: one half of every group
// comes from vector i, the other from vector i + group / 2.
template <class Real, int n, int group>
inline Lanes<Real, n> fold_pairs(const Lanes<Real, n>* x) {
  if constexpr (group == 1) {
    return x[0];
  } else {
    constexpr int half = group / 2;
    Lanes<Real, n> y[half];
    [&]<int... l>(std::integer_sequence<int, l...>) {
      for (int i = 0; i < half; ++i) {
        const Lanes<Real, n>&a = x[i], &b = x[i + half];
        y[i] = __builtin_shufflevector(a, b, (l % group < half ? l : n + l - half)...) +
               __builtin_shufflevector(a, b, (l % group < half ? l + half : n + l)...);
      }
    }
    (std::make_integer_sequence<int, n>{});
    return fold_pairs<Real, n, half>(y);
  }
}

// The sums of the lanes of each of `many` vectors, side by side; many is a power of two, at most n.
// Halves are added to halves, of two vectors at a time where they fill one: a fixed order.
template <class Real, int n, int many>
inline Lanes<Real, many> each_sum(const Lanes<Real, n>* x) {
  if constexpr (n > many) {
    Lanes<Real, n / 2> folded[many];
    for (int i = 0; i < many; ++i) {
      Lanes<Real, n / 2> low, high;
      std::memcpy(&low, &x[i], sizeof low);
      std::memcpy(&high, reinterpret_cast<const char*>(&x[i]) + sizeof low, sizeof high);
      folded[i] = low + high;
    }
    return each_sum<Real, n / 2, many>(folded);
  } else {
    return fold_pairs<Real, n, n>(x);
  }
}

// x with `other` in place of all but its first n_kept numbers.
template <class Real, int n>
inline Lanes<Real, n> only(Index n_kept, Lanes<Real, n> x, Real other) {
  using Integer = typename LanesOf<Real, n>::Integer;
  typename LanesOf<Real, n>::Integers index;
  for (int i = 0; i < n; ++i) index[i] = static_cast<Integer>(i);
  return index < static_cast<Integer>(n_kept) ? x : Lanes<Real, n>{} + other;
}

// exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2, exp(r) by its Taylor series: the first
// term left out is 4e-18 in double and 5e-9 in float, below half a last place. 2^n is applied in
// two factors, so that subnormal results are right; beyond the range of Real it answers 0 and
// infinity, of NaN NaN. (Eigen 3.4 answers 2.4e38 for all of 88.38 .. infinity in float.)
template <class Real, int n>
inline Lanes<Real, n> exponential(Lanes<Real, n> x) {
  using Integer = typename LanesOf<Real, n>::Integer;
  using Integers = typename LanesOf<Real, n>::Integers;
  constexpr bool single = sizeof(Real) == 4;
  constexpr int mantissa = single ? 23 : 52;
  constexpr Integer bias = single ? 127 : 1023;
  constexpr Real top = Real(single ? 89 : 710), bottom = Real(single ? -104.5 : -746);
  constexpr Real ln2_high = Real(single ? 0x1.62e4p-1 : 0x1.62e42fefa38p-1);
  constexpr Real ln2_low = Real(single ? 0x1.7f7d1cf79abcap-20 : 0x1.ef35793c7673p-45);
  const Lanes<Real, n> magic = Lanes<Real, n>{} + Real(single ? 0x1.8p23 : 0x1.8p52);
  constexpr double inverse_factorials[] = {1.0,
                                           1.0,
                                           1.0 / 2,
                                           1.0 / 6,
                                           1.0 / 24,
                                           1.0 / 120,
                                           1.0 / 720,
                                           1.0 / 5040,
                                           1.0 / 40320,
                                           1.0 / 362880,
                                           1.0 / 3628800,
                                           1.0 / 39916800,
                                           1.0 / 479001600,
                                           1.0 / 6227020800};
  constexpr int degree = single ? 7 : 13;

  const Lanes<Real, n> zero{};
  x = x > top ? zero + top : x;
  x = x < bottom ? zero + bottom : x;
  const Lanes<Real, n> shifted = x * Real(0x1.71547652b82fep0) + magic;  // last bits: the integer
  const Lanes<Real, n> power = shifted - magic;
  const Lanes<Real, n> r = (x - power * ln2_high) - power * ln2_low;
  Lanes<Real, n> y = zero + Real(inverse_factorials[degree]);
  for (int i = degree - 1; i >= 0; --i) y = y * r + Real(inverse_factorials[i]);

  const Integers whole = (Integers)shifted - (Integers)magic;
  const Integers half = whole >> 1;
  return y * (Lanes<Real, n>)((half + bias) << mantissa) *
         (Lanes<Real, n>)((whole - half + bias) << mantissa);
}

// The same bits for one number.
template <class Real>
inline Real exponential_of(Real x) {
  return exponential<Real, kWidth<Real>>(Lanes<Real>{} + x)[0];
}

}  // namespace attnlab::lanes

namespace attnlab {

// exp of an Eigen array, number by number, over the whole range of its type; NaN stays NaN.
// The number of entries is a multiple of a register's width and known to the compiler.
template <class Derived>
auto exponential(const Eigen::ArrayBase<Derived>& of) {
  using Real = typename Derived::Scalar;
  constexpr int width = lanes::kWidth<Real>, n = Derived::SizeAtCompileTime;
  static_assert(n != Eigen::Dynamic && n % width == 0);
  Eigen::Array<Real, n, 1> x = of;
  for (int i = 0; i < n; i += width) {
    lanes::store<width>(x.data() + i,
                        lanes::exponential<Real, width>(lanes::load<width>(x.data() + i)));
  }
  return x;
}

}  // namespace attnlab

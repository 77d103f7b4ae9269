// cooccurrence_duals.hpp: what gradient flow tends to at uniform attention and distinct random
// tokens: the max-margin solution, in closed form.
//
// Sums over groups of the duals: s (I1), b (I2 and I3), c (I4), with
// rho1 = (L-3)/(n/2), rho2 = (L-2)/(n/6), rho4 = (L-1)/(n/6):
//   (3 + rho1) s - 4 b - c = 1,  -2 s + (3 + rho2) b + c = 1,  -s + 2 b + (1 + rho4) c = 1,
// and c = 0 with the first two alone if 2 >= rho1 + 4 rho2 + rho1 rho2.
#pragma once

#include "claims/cooccurrence.hpp"

namespace attnlab {

struct Duals {
  double s, b, c;
  double ratio() const { return (2 * b + c - s) / (s - b); }     // limit of R, and of -G3 / G1
  double margin_squared() const { return 1 / (s + 2 * b + c); }  // gamma^2
};

inline Duals duals_of(const PaperSizes& sizes) {
  const double rho1 = (sizes.length - 3) / (sizes.n / 2), rho2 = (sizes.length - 2) / (sizes.n / 6),
               rho4 = (sizes.length - 1) / (sizes.n / 6);
  if (2 >= rho1 + 4 * rho2 + rho1 * rho2) {
    const double det = (3 + rho1) * (3 + rho2) - 8;
    return {(3 + rho2 + 4) / det, (3 + rho1 + 2) / det, 0};
  }
  // The third row gives c = (1 + s - 2 b) / (1 + rho4).
  const double k = 1 / (1 + rho4), a11 = 3 + rho1 - k, a12 = -4 + 2 * k, a21 = -2 + k,
               a22 = 3 + rho2 - 2 * k, y1 = 1 + k, y2 = 1 - k, det = a11 * a22 - a12 * a21;
  const double s = (y1 * a22 - a12 * y2) / det, b = (a11 * y2 - a21 * y1) / det;
  return {s, b, (1 + s - 2 * b) * k};
}

}  // namespace attnlab

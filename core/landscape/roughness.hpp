// roughness.hpp: how rough a slice of a loss surface is, in four numbers. Pure.
#pragma once

#include <span>

#include "base/index.hpp"

namespace attnlab {

// Over the n x n points of a slice. Points whose loss is not finite are left out, and with them the
// differences that touch them; all are NaN if no two finite losses differ.
struct Roughness {
  double roughness = 0;  // mean |L(a + h) - 2 L(a) + L(a - h)| / (max - min), along both axes
  Index minima = 0;      // inner points below all 8 neighbours
  double negative_curvature_share = 0;  // inner points whose 2 x 2 Hessian of second differences
                                        // has an eigenvalue below -1e-9 (max - min) / h^2
  double basin_share = 0;      // points with L < min + 0.1 (max - min)
  double least = 0, most = 0;  // of the finite losses
  Index not_finite = 0;        // points
};
Roughness roughness_of(std::span<const double> loss, Index n);  // loss [n][n], n >= 3

}  // namespace attnlab

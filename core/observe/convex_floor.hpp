// convex_floor.hpp: how near row-stochastic attention can come to a target, whatever its scores.
//
// With values V_h (tokens x outputs) and one row of attention weights p_h >= 0, sum p_h = 1, a head
// a time, the output row is z = sum_h V_h^T p_h: a point of the Minkowski sum of the hulls
// conv{rows of V_h}. Song et al. 2024's kernels with rows that sum to one cannot leave that set.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "base/index.hpp"

namespace attnlab {

using HullMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Moves x onto the simplex {x >= 0, sum x = 1}: the nearest point (Held, Wolfe, Crowder 1974).
void project_on_simplex(Eigen::Ref<Eigen::VectorXd> x);

// 1/2 sum over rows y of targets of dist(y, sum_h conv{rows of values[h]})^2.
// values: [head] (tokens x outputs); targets: rows x outputs. NaN if a value is not finite.
// One output: exact. More: at most 6000 FISTA iterations (Beck, Teboulle 2009) a row; the result is
// the lower bound that the last iterate proves, so no row-stochastic weights go below it.
double convex_floor(const std::vector<HullMatrix>& values, const HullMatrix& targets);

}  // namespace attnlab

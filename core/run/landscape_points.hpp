// landscape_points.hpp: the points of a slice, shared by ranks, and brought together on rank 0.
#pragma once

#include <span>
#include <vector>

#include "comm/comm.hpp"
#include "landscape/directions.hpp"
#include "landscape/surface.hpp"

namespace attnlab {

struct SliceValues {
  std::vector<double> loss, accuracy;  // [point]
};

// Point p of an n x n slice is (axis[p / n], axis[p % n]); rank r has the points r, r + R, ...
// Fails if an evaluation fails.
Result<SliceValues> points_of_rank(LossSurface& surface, std::span<const double> parameters,
                                   const Directions& directions, std::span<const double> axis,
                                   int rank, int n_ranks);

// All ranks call it with what they have; rank 0 gets all n_points, the others nothing.
SliceValues gather_points(Comm& comm, const SliceValues& mine, Index n_points);

// n places from -range to range, symmetric; the middle one of an odd n is 0.
std::vector<double> slice_axis(Index n, double range);

}  // namespace attnlab

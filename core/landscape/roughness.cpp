// roughness.cpp: second differences of a grid.
//
//   a = L[i+1][j] - 2 L[i][j] + L[i-1][j],  b likewise along j,
//   c = (L[i+1][j+1] - L[i+1][j-1] - L[i-1][j+1] + L[i-1][j-1]) / 4
//   smallest eigenvalue of [a c; c b] = (a + b)/2 - sqrt(((a - b)/2)^2 + c^2)
#include "landscape/roughness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attnlab {

Roughness roughness_of(std::span<const double> loss, Index n) {
  const auto at = [&](Index i, Index j) { return loss[static_cast<std::size_t>(i * n + j)]; };
  Roughness out;
  out.least = std::numeric_limits<double>::infinity();
  out.most = -out.least;
  for (const double l : loss) {
    if (!std::isfinite(l)) {
      ++out.not_finite;
      continue;
    }
    out.least = std::min(out.least, l);
    out.most = std::max(out.most, l);
  }
  const double range = out.most - out.least;
  if (!(range > 0) || !std::isfinite(range)) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    out.roughness = out.negative_curvature_share = out.basin_share = nan;
    return out;
  }
  const auto share = [](double part, Index of) { return part / static_cast<double>(of); };
  double sum = 0;
  Index n_second = 0, n_inner = 0, n_negative = 0, n_basin = 0;
  const auto count_second = [&](double second) {
    if (!std::isfinite(second)) return;
    sum += std::abs(second);
    ++n_second;
  };
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      const double here = at(i, j);
      if (here < out.least + 0.1 * range) ++n_basin;
      const bool inner_i = i > 0 && i + 1 < n, inner_j = j > 0 && j + 1 < n;
      const double a = inner_i ? at(i + 1, j) - 2 * here + at(i - 1, j) : NAN,
                   b = inner_j ? at(i, j + 1) - 2 * here + at(i, j - 1) : NAN;
      count_second(a);
      count_second(b);
      if (!inner_i || !inner_j) continue;
      bool is_minimum = std::isfinite(here), all_finite = std::isfinite(here);
      for (Index di = -1; di <= 1; ++di) {
        for (Index dj = -1; dj <= 1; ++dj) {
          const double there = at(i + di, j + dj);
          all_finite = all_finite && std::isfinite(there);
          is_minimum = is_minimum && ((di == 0 && dj == 0) || here < there);
        }
      }
      out.minima += is_minimum ? 1 : 0;
      if (!all_finite) continue;
      ++n_inner;
      const double c =
          (at(i + 1, j + 1) - at(i + 1, j - 1) - at(i - 1, j + 1) + at(i - 1, j - 1)) / 4;
      const double smallest = (a + b) / 2 - std::hypot((a - b) / 2, c);
      n_negative += smallest < -1e-9 * range ? 1 : 0;
    }
  }
  out.roughness = share(sum, n_second) / range;
  out.negative_curvature_share = share(static_cast<double>(n_negative), n_inner);
  out.basin_share = share(static_cast<double>(n_basin), n * n);
  return out;
}

}  // namespace attnlab

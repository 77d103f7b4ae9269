// top_eigenvalues.hpp: the largest eigenvalues of a symmetric matrix that is known by its products
// alone, and the Hessian of a loss as such a matrix.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/index.hpp"
#include "base/result.hpp"

namespace attnlab {

// out = f(in), both [n].
using VectorMap = std::function<Result<Done>(std::span<const double> in, std::span<double> out)>;

struct TopEigenvalues {
  std::vector<double> values;     // descending
  std::vector<double> residuals;  // |H v - lambda v| of unit eigenvectors v
  Index products = 0;             // products H v that were made
  bool converged = true;  // to 1e-8 of the largest; if not, the residuals say how far it got
};

// The k algebraically largest eigenvalues of H [n][n], all n if k is more. Lanczos with implicit
// restarts (Spectra); up to n = 40 the whole matrix. The first vector follows from `seed`. Fails if
// a product fails or is not finite.
Result<TopEigenvalues> top_eigenvalues(Index n, Index k, std::uint64_t seed,
                                       const VectorMap& times);

// H v at the point w, H the Hessian of the loss whose gradient is `gradient`: central differences,
// (g(w + e v) - g(w - e v)) / 2e with e |v| = 6e-6 (1 + |w|), the cube root of the rounding error:
// relative errors are about 1e-10 where third derivatives are of order one. Two gradients.
Result<Done> hessian_times(const VectorMap& gradient, std::span<const double> w,
                           std::span<const double> v, std::span<double> out);

}  // namespace attnlab

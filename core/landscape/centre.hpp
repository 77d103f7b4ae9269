// centre.hpp: what is known of a loss surface at one point: loss, gradient, largest curvatures.
#pragma once

#include "landscape/surface.hpp"
#include "train/top_eigenvalues.hpp"

namespace attnlab {

struct Centre {
  Evaluation value;
  double gradient_norm = 0;  // over the trained parameters
  TopEigenvalues top;        // of the Hessian over the trained parameters
};

// At the point w [layout.n], with the k largest eigenvalues of the Hessian; the first vector of
// Lanczos follows from `seed`. Where the model answers velocities (slaved_decoder) there is no
// gradient: the norm is NaN and there are no eigenvalues.
Result<Centre> look_at_centre(LossSurface& surface, const std::vector<double>& w, Index k,
                              std::uint64_t seed);

}  // namespace attnlab

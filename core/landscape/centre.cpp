// centre.cpp: gradient and Hessian over the trained parameters; those that stay fixed lie behind
// them.
#include "landscape/centre.hpp"

#include <algorithm>
#include <cmath>

#include "train/gradient.hpp"

namespace attnlab {

Result<Centre> look_at_centre(LossSurface& surface, const std::vector<double>& w, Index k,
                              std::uint64_t seed) {
  Centre out;
  const auto value = surface.at(w);
  if (!value) return value.errors();
  out.value = *value;
  const Index n = surface.layout().n_trained;
  // slaved_decoder answers velocities, which are no gradient of the loss.
  if (n == 0 || surface.shape().parameterization == Parameterization::slaved_decoder) {
    out.gradient_norm = std::nan("");
    return out;
  }
  std::vector<double> gradient(static_cast<std::size_t>(n)), at(w);
  if (auto made = surface.gradient(w, gradient); !made) return made.errors();
  out.gradient_norm = std::sqrt(sum_of_squares(std::span<const double>(gradient)));
  if (k == 0) return out;
  const VectorMap gradient_at = [&](std::span<const double> trained, std::span<double> g) {
    std::ranges::copy(trained, at.begin());
    return surface.gradient(at, g);
  };
  const std::span<const double> trained(w.data(), gradient.size());
  auto top = top_eigenvalues(n, k, seed, [&](std::span<const double> v, std::span<double> hv) {
    return hessian_times(gradient_at, trained, v, hv);
  });
  if (!top) return top.errors();
  out.top = *std::move(top);
  return out;
}

}  // namespace attnlab

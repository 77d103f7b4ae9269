// gradient.hpp: norms of gradients and their clipping, in a fixed order of summation. Pure.
#pragma once

#include <span>

#include "base/result.hpp"
#include "base/settings.hpp"

namespace attnlab {

template <class S>
double sum_of_squares(std::span<const S> numbers);  // added in double

// `optimizer.clip`: none, {value: x} (each number into [-x, x]) or {norm: x} (PyTorch's
// clip_grad_norm_ over everything).
struct Clip {
  enum class Kind { none, value, norm };
  Kind kind = Kind::none;
  double bound = 0;

  template <class S>
  void apply(std::span<S> gradient) const;
};
Result<Clip> clip_of(const Settings& optimizer);

}  // namespace attnlab

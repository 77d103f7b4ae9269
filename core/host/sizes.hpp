// sizes.hpp: how much room an instance asks for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <new>

#include "host/kept_arithmetic.hpp"
#include "host/plugins.hpp"

namespace attnlab {

// Above that a product of sizes would overflow, and somebody would be lent too little.
inline constexpr std::int64_t most_numbers = std::int64_t{1} << 40;

inline std::int64_t sane_size(std::int64_t n) {
  if (n > most_numbers) throw std::bad_alloc();  // as a machine would answer
  return std::max<std::int64_t>(n, 0);
}

struct KernelSizes {  // of one head: what forward keeps, and the scratch of forward and backward
  std::int64_t saved = 0, work = 0;
};

inline KernelSizes sizes_of(const Kernel& kernel, const attnlab_head_shape& shape) {
  const KeptArithmetic kept;
  KernelSizes asked;
  kernel.table().sizes(kernel.self(), &shape, &asked.saved, &asked.work);
  return {sane_size(asked.saved), sane_size(asked.work)};
}

inline std::int64_t state_bytes_of(const Optimizer& optimizer, std::int64_t bytes_per_number) {
  const KeptArithmetic kept;
  const auto asked = optimizer.table().n_state_bytes(optimizer.self(), bytes_per_number);
  return std::max<std::int64_t>(asked, 0);
}

}  // namespace attnlab

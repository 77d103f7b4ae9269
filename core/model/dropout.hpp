// dropout.hpp: which numbers are dropped, as a function of (seed, step, site, sample, token,
// column) alone.
//
// The seed of a site at a step is a random number of (seed, streams::dropout + 256 site, step);
// with it, stream `sample number`, index token * ceil(columns / 4) + column / 4 gives 64 bits, 16
// for each of four neighbours. So the share that is dropped is a multiple of 2^-16, and survivors
// are divided by the share that survives in fact. token counts inside its sample.
#pragma once

#include <cstdint>

#include "model/rows.hpp"

namespace attnlab {

struct Dropout {
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  double share = 0;

  bool active() const { return threshold() > 0; }
  std::uint32_t threshold() const {
    return std::min(65535u, static_cast<std::uint32_t>(share * 65536.0 + 0.5));
  }
};

// Zeroes or enlarges row x [columns] of one token; mask [columns] keeps 1 for survivors.
template <class S>
void drop_row(const Dropout& dropout, std::uint64_t site_seed, std::uint64_t sample, Index token,
              S* x, Index columns, std::uint8_t* mask);

std::uint64_t site_seed(const Dropout& dropout, Index site);

// d = dl/d(dropped) to dl/dx, in place.
template <class S>
void drop_backward(const Dropout& dropout, const std::uint8_t* mask, S* d, Index n);

}  // namespace attnlab

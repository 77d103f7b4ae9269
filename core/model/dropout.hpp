// dropout.hpp: which numbers are dropped, as a function of (seed, step, site, sample, token,
// column) alone.
//
// The seed of a site at a step is a random number of (seed, streams::dropout + 256 site, step);
// with it, stream `sample number`, index token * ceil(columns / 4) + column / 4 gives 64 bits, 16
// for each of four neighbours. So the share that is dropped is a multiple of 2^-16, and survivors
// are divided by the share that survives in fact. token counts inside its sample.
//
// The weights of an attention head are a site of their own: index query * 2^32 + key / 4, so that
// the bit of (step, layer, head, sample, query, key) hangs on nothing else.
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

// Which keys 0 .. n - 1 of a query survive: kept [n] is 1 for them.
void keep_row(const Dropout& dropout, std::uint64_t site_seed, std::uint64_t sample, Index query,
              Index n, std::uint8_t* kept);

// What survivors are multiplied by.
double enlargement(const Dropout& dropout);

// The site of the weights of head h (of n_heads) in layer l; those of drop_row lie below.
inline Index attention_site(Index l, Index n_heads, Index h) {
  return (Index{1} << 20) + l * n_heads + h;
}

std::uint64_t site_seed(const Dropout& dropout, Index site);

// d = dl/d(dropped) to dl/dx, in place.
template <class S>
void drop_backward(const Dropout& dropout, const std::uint8_t* mask, S* d, Index n);

}  // namespace attnlab

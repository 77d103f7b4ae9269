// tree.hpp: random ListOps expressions, as the Long Range Arena draws them (Tay et al. 2021).
//
//   tree(depth): below max_depth, with probability 1/4: an operator, uniform of the four, with
//                uniform 2 .. 10 arguments, each tree(depth + 1); else a uniform digit
//   The root has depth 1. Drawn anew until min_length < tokens < max_length; an operator counts two
//   tokens: itself and its `]`.
#pragma once

#include <attnlab/plugin.hpp>
#include <cstdint>
#include <vector>

namespace listops {

struct Rules {
  std::int64_t min_length, max_length, max_depth;
};

struct Drawn {
  std::vector<std::uint8_t> tokens;
  int answer = 0;
  std::int64_t n_tried = 0;  // trees drawn until one fitted
};

// Expression `index` of `split`: a function of the arguments alone. Throws attnlab::Failure if no
// tree of the first `patience` fits.
Drawn draw(const Rules& rules, const attnlab::Host& host, std::uint64_t seed, std::int32_t split,
           std::int64_t index, std::int64_t patience);

}  // namespace listops

// splits.hpp: the expressions of a trial, drawn or read, as the parts of a pack.
#pragma once

#include <array>
#include <attnlab/task.hpp>

#include "../reading/pack.hpp"
#include "files.hpp"
#include "tree.hpp"

namespace listops {

inline constexpr std::int64_t patience = 1000000;  // trees tried for one sample
inline constexpr std::array<const char*, 3> split_names{"training", "validation", "test"};

struct Counts {
  std::int64_t train = 0, held = 0;  // 0: fresh draws, none; with files all
};

// Both answer the expressions under the names of the splits, and `report`. They fail with what is
// wrong and where.
reading::Pack drawn(const Rules& rules, const Counts& counts, const attnlab::Host& host,
                    std::uint64_t seed);
reading::Pack read(const Places& places, std::int64_t max_length, const Counts& counts);

}  // namespace listops

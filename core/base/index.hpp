// index.hpp: sizes and the identities that are not plain numbers.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace attnlab {

using Index = std::ptrdiff_t;  // sizes and positions are signed

// A hash of the complete resolved settings of a trial: the same on every machine.
struct TrialId {
  std::uint64_t hash = 0;
  auto operator<=>(const TrialId&) const = default;
};

std::string to_string(TrialId id);  // 16 hex digits

}  // namespace attnlab

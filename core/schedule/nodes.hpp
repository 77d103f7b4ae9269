// nodes.hpp: which ranks share a machine, and who of them fetches trials for the others. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "schedule/message.hpp"

namespace attnlab {

// Without leaders every rank asks rank 0. With them a rank asks the leader of its node, and leaders
// ask rank 0; a leader trains like any other rank.
struct Nodes {
  std::vector<int> leader_of;  // [rank] the lowest rank of its node; empty: no leaders

  bool has_leaders() const { return !leader_of.empty(); }
  bool leads(int rank) const;
  std::vector<int> leaders() const;               // ascending
  std::vector<int> members_of(int leader) const;  // ascending, the leader among them
  Address superior_of(int rank) const;            // whom a worker asks
};

// Up to this many ranks rank 0 answers all of them itself.
inline constexpr std::size_t most_without_leaders = 512;

// `machines[r]`: equal for ranks on one machine. No leaders where ranks are few or all on one
// machine, unless `is_forced`.
Nodes choose_nodes(std::span<const std::int64_t> machines, bool is_forced);

}  // namespace attnlab

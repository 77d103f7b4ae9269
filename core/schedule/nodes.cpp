// nodes.cpp: the lowest rank of a machine leads it.
#include "schedule/nodes.hpp"

#include <map>

namespace attnlab {

bool Nodes::leads(int rank) const {
  return has_leaders() && leader_of[static_cast<std::size_t>(rank)] == rank;
}

std::vector<int> Nodes::leaders() const {
  std::vector<int> all;
  for (int rank = 0; rank < static_cast<int>(leader_of.size()); ++rank) {
    if (leads(rank)) all.push_back(rank);
  }
  return all;
}

std::vector<int> Nodes::members_of(int leader) const {
  std::vector<int> members;
  for (int rank = 0; rank < static_cast<int>(leader_of.size()); ++rank) {
    if (leader_of[static_cast<std::size_t>(rank)] == leader) members.push_back(rank);
  }
  return members;
}

Address Nodes::superior_of(int rank) const {
  if (!has_leaders()) return {0, Role::coordinator};
  return {leader_of[static_cast<std::size_t>(rank)], Role::leader};
}

Nodes choose_nodes(std::span<const std::int64_t> machines, bool is_forced) {
  std::map<std::int64_t, int> first;
  Nodes nodes;
  for (std::size_t r = 0; r < machines.size(); ++r) {
    nodes.leader_of.push_back(first.try_emplace(machines[r], static_cast<int>(r)).first->second);
  }
  const bool is_large = machines.size() > most_without_leaders && first.size() > 1;
  return is_large || is_forced ? nodes : Nodes{};
}

}  // namespace attnlab

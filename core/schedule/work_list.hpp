// work_list.hpp: the trials that wait, costliest first, and how they are cut into portions. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/index.hpp"

namespace attnlab {

// Positions [begin, end) of a work list.
struct Chunk {
  Index begin = 0;
  Index end = 0;
  Index size() const { return end - begin; }
  bool operator==(const Chunk&) const = default;
};

class WorkList {
 public:
  WorkList() = default;
  // `trials[i]` costs `costs[i]` (any unit, not negative). Costliest first; equal costs keep their order.
  WorkList(std::span<const Index> trials, std::span<const double> costs);

  Index size() const { return static_cast<Index>(trials_.size()); }
  Index trial(Index position) const { return trials_[static_cast<std::size_t>(position)]; }
  double cost(Chunk chunk) const;

  // The first assignment, which every rank computes for itself: rank r gets positions r, r + R, r + 2R ..., so that
  // the costliest trials lie on different ranks. Together about half of all cost, at least one trial a rank.
  std::vector<Index> first_share(int rank, int n_ranks) const;
  Index first_shared(int n_ranks) const;  // positions [0, this) are in the shares of all ranks

  // What someone gets who asks for `n_behind` of the `n_ranks` that share `left`: half of their part
  // of its cost, at least `wanted` trials, never more than there are; empty when nothing is left.
  Chunk next_chunk(Chunk left, int n_ranks, Index n_behind = 1, Index wanted = 1) const;

  std::string encode() const;  // for a broadcast between ranks of one program
  static WorkList decode(const std::string& text);

 private:
  std::vector<Index> trials_;
  std::vector<double> before_;  // before_[p]: cost of the positions below p; one more than trials
};

}  // namespace attnlab

// work_list.cpp: guided portions by cost. Costs are estimates, so half of them stay for later
// portions to even out.
#include "schedule/work_list.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/assert.hpp"

namespace attnlab {

WorkList::WorkList(std::span<const Index> trials, std::span<const double> costs) {
  ATTNLAB_ASSERT(trials.size() == costs.size());
  std::vector<std::size_t> order(trials.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  trials_.reserve(order.size());
  before_.reserve(order.size() + 1);
  before_.push_back(0);
  for (const std::size_t i : order) {
    trials_.push_back(trials[i]);
    before_.push_back(before_.back() + std::max(costs[i], 1.0));  // nothing is free
  }
}

double WorkList::cost(Chunk chunk) const {
  return before_[static_cast<std::size_t>(chunk.end)] -
         before_[static_cast<std::size_t>(chunk.begin)];
}

Index WorkList::first_shared(int n_ranks) const {
  if (trials_.empty()) return 0;
  const auto half = std::ranges::upper_bound(before_, before_.back() / 2) - before_.begin() - 1;
  return std::clamp<Index>(half / n_ranks, 1, size()) * n_ranks;
}

std::vector<Index> WorkList::first_share(int rank, int n_ranks) const {
  std::vector<Index> share;
  const Index end = std::min(first_shared(n_ranks), size());
  for (Index position = rank; position < end; position += n_ranks) {
    share.push_back(trial(position));
  }
  return share;
}

Chunk WorkList::next_chunk(Chunk left, int n_ranks, Index n_behind, Index wanted) const {
  if (left.size() <= 0) return {left.end, left.end};
  const double part = 0.5 * static_cast<double>(n_behind) / n_ranks;
  const double target = before_[static_cast<std::size_t>(left.begin)] + cost(left) * part;
  const auto first = before_.begin() + left.begin + 1;
  const Index full =
      std::upper_bound(first, before_.begin() + left.end + 1, target) - before_.begin() - 1;
  return {left.begin, std::min(left.end, std::max(left.begin + std::max<Index>(wanted, 1), full))};
}

std::string WorkList::encode() const {
  const std::size_t n = trials_.size();
  std::string text(n * sizeof(Index) + before_.size() * sizeof(double), '\0');
  if (n == 0) return {};
  std::memcpy(text.data(), trials_.data(), n * sizeof(Index));
  std::memcpy(text.data() + n * sizeof(Index), before_.data(), (n + 1) * sizeof(double));
  return text;
}

WorkList WorkList::decode(const std::string& text) {
  WorkList list;
  if (text.empty()) return list;
  const std::size_t n = (text.size() - sizeof(double)) / (sizeof(Index) + sizeof(double));
  list.trials_.resize(n);
  list.before_.resize(n + 1);
  std::memcpy(list.trials_.data(), text.data(), n * sizeof(Index));
  std::memcpy(list.before_.data(), text.data() + n * sizeof(Index), (n + 1) * sizeof(double));
  return list;
}

}  // namespace attnlab

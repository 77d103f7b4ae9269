// split.hpp: which of n samples are trained on: one seeded order, the first of it held back.
//
// The seed is the task's own, not the trial's, so that trials of any seed see one split.
#pragma once

#include <attnlab/task.hpp>
#include <numeric>
#include <vector>

namespace reading {

// The numbers 0 .. n - 1 in the order of (seed, stream), the first `limit` of them; 0: all.
inline std::vector<std::int64_t> in_seeded_order(std::int64_t n, std::int64_t limit,
                                                 const attnlab::Host& host, std::uint64_t seed,
                                                 std::uint64_t stream) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  attnlab::shuffle(host, seed, stream, std::span(order));
  if (limit > 0 && limit < n) order.resize(static_cast<std::size_t>(limit));
  return order;
}

// Takes the first `share` of `order`, rounded, away and answers it. Throws attnlab::Failure if
// nothing is left; `what` are the samples ("texts").
inline std::vector<std::int64_t> held_back(std::vector<std::int64_t>& order, double share,
                                           const char* what) {
  const auto size = static_cast<std::int64_t>(order.size());
  const auto n = static_cast<std::int64_t>(std::llround(share * static_cast<double>(size)));
  if (n >= size) {
    throw attnlab::Failure("a validation share of " + std::to_string(share) + " of " +
                           std::to_string(size) + " " + what + " leaves none to train on");
  }
  std::vector<std::int64_t> out(order.begin(), order.begin() + n);
  order.erase(order.begin(), order.begin() + n);
  return out;
}

}  // namespace reading

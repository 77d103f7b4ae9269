// distinctness.cpp: counts of those triples that will be asked for.
#include "observe/distinctness.hpp"

#include <cmath>

namespace attnlab {
namespace {

constexpr auto any = static_cast<std::int32_t>(most_distinct_tokens - 1);

std::uint64_t packed(std::int32_t query, std::int32_t key, std::int32_t next) {
  const auto at = [](std::int32_t id) { return static_cast<std::uint64_t>(id); };
  return (at(query) * most_distinct_tokens + at(key)) * most_distinct_tokens + at(next);
}

}  // namespace

Index n_keys_of(Mask mask, Index query, Index n_tokens) {
  return mask == Mask::none ? n_tokens : mask == Mask::causal ? query + 1 : query;
}

Distinctness::Distinctness(std::span<const TextWindow> asked, Mask mask) : mask_(mask) {
  for (const TextWindow& window : asked) {
    const Index n = std::ssize(window.tokens);
    for (Index q = 0; q < n; ++q) {
      const std::int32_t query = window.tokens[static_cast<std::size_t>(q)],
                         next = window.next[static_cast<std::size_t>(q)];
      if (next < 0) continue;
      counts_.try_emplace(packed(query, any, any));
      counts_.try_emplace(packed(query, any, next));
      for (Index k = 0; k < n_keys_of(mask, q, n); ++k) {
        const std::int32_t key = window.tokens[static_cast<std::size_t>(k)];
        counts_.try_emplace(packed(query, key, any));
        counts_.try_emplace(packed(query, key, next));
      }
    }
  }
}

void Distinctness::count(const TextWindow& window) {
  const Index n = std::ssize(window.tokens);
  for (Index q = 0; q < n; ++q) {
    const std::int32_t query = window.tokens[static_cast<std::size_t>(q)],
                       next = window.next[static_cast<std::size_t>(q)];
    const auto of_query = counts_.find(packed(query, any, any));
    if (of_query == counts_.end() || next < 0) continue;
    const Index n_keys = n_keys_of(mask_, q, n);
    of_query->second += n_keys;
    const auto of_next = counts_.find(packed(query, any, next));
    if (of_next != counts_.end()) of_next->second += n_keys;
    for (Index k = 0; k < n_keys; ++k) {
      const std::int32_t key = window.tokens[static_cast<std::size_t>(k)];
      const auto of_key = counts_.find(packed(query, key, any));
      if (of_key == counts_.end()) continue;
      ++of_key->second;
      if (of_next == counts_.end()) continue;
      const auto of_all = counts_.find(packed(query, key, next));
      if (of_all != counts_.end()) ++of_all->second;
    }
  }
}

double Distinctness::counted(std::int32_t query, std::int32_t key, std::int32_t next) const {
  const auto found = counts_.find(packed(query, key, next));
  return found == counts_.end() ? 0 : static_cast<double>(found->second);
}

double Distinctness::score(std::int32_t query, std::int32_t key, std::int32_t next) const {
  const double of_query = counted(query, any, any);
  const double expected =
      of_query > 0 ? counted(query, key, any) * counted(query, any, next) / of_query : 0;
  return std::log((counted(query, key, next) + 1) / (expected + 1));
}

}  // namespace attnlab

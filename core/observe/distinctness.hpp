// distinctness.hpp: how much a key says about the next token, given the query, counted in a text
// (Tian et al. 2023; papers/b_scan_and_snap 5.7 W6). Pure.
//
// c counts pairs of a query and a key that it may see; m the token of the query, l that of the key,
// n the token after the query:
//
//   score(m, l, n) = ln((c_mln + 1) / (c_ml c_mn / c_m + 1))
//
// the pointwise mutual information of l and n given m, drawn to 0 where little was counted.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/shape.hpp"

namespace attnlab {

struct TextWindow {
  std::vector<std::int32_t> tokens, next;  // [position]; next < 0: no target
};

Index n_keys_of(Mask mask, Index query, Index n_tokens);  // a query sees keys 0 .. n_keys - 1

inline constexpr Index most_distinct_tokens = Index{1} << 21;  // ids are packed by threes

class Distinctness {
 public:
  // Will be asked about the queries and keys of these windows only.
  Distinctness(std::span<const TextWindow> asked, Mask mask);
  void count(const TextWindow& window);
  double score(std::int32_t query, std::int32_t key, std::int32_t next) const;

 private:
  double counted(std::int32_t query, std::int32_t key, std::int32_t next) const;

  Mask mask_;
  std::unordered_map<std::uint64_t, std::int64_t> counts_;  // any: over all tokens of its place
};

}  // namespace attnlab

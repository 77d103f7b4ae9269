// tree.cpp: random ListOps expressions. One random word a node; a tree that grows too long is left
// at once.
#include "tree.hpp"

#include <array>

#include "expression.hpp"

namespace listops {
namespace {

class Grower {
 public:
  Grower(const Rules& rules, const attnlab::Host& host, std::uint64_t seed, std::uint64_t stream)
      : rules_(rules), host_(host), seed_(seed), stream_(stream) {}

  // True if the next tree fits; then `out` holds it.
  bool grows(Drawn& out) {
    out.tokens.clear();
    length_ = 0;
    out.answer = tree(out.tokens, 1);
    return out.answer >= 0 && length_ > rules_.min_length;
  }

 private:
  // The value of the tree, or -1 if it is too long.
  int tree(std::vector<std::uint8_t>& tokens, std::int64_t depth) {
    // Of the word, bits 0-1 say operator or digit, 2-3 which operator, the upper half how many
    // arguments or which digit.
    const std::uint64_t word = next();
    const std::uint64_t upper = word >> 32;
    if (depth >= rules_.max_depth || (word & 3) != 0) {
      if (++length_ >= rules_.max_length) return -1;
      const auto digit = static_cast<int>(upper * 10 >> 32);
      tokens.push_back(digit_id(digit));
      return digit;
    }
    length_ += 2;
    if (length_ >= rules_.max_length) return -1;
    const auto op = static_cast<Operator>(word >> 2 & 3);
    const std::size_t n = 2 + static_cast<std::size_t>(upper * 9 >> 32);
    std::array<int, 10> values{};
    tokens.push_back(operator_id(op));
    for (std::size_t i = 0; i < n; ++i) {
      values[i] = tree(tokens, depth + 1);
      if (values[i] < 0) return -1;
    }
    tokens.push_back(close_id);
    return apply(op, std::span(values).first(n));
  }

  std::uint64_t next() {
    if (used_ == words_.size()) {
      host_.random_bits(seed_, stream_, first_, words_);
      first_ += words_.size();
      used_ = 0;
    }
    return words_[used_++];
  }

  const Rules& rules_;
  const attnlab::Host& host_;
  std::uint64_t seed_, stream_, first_ = 0;
  std::array<std::uint64_t, 64> words_{};
  std::size_t used_ = 64;
  std::int64_t length_ = 0;
};

}  // namespace

Drawn draw(const Rules& rules, const attnlab::Host& host, std::uint64_t seed, std::int32_t split,
           std::int64_t index, std::int64_t patience) {
  const std::uint64_t stream =
      4 * static_cast<std::uint64_t>(index) + static_cast<std::uint64_t>(split);
  Grower grower(rules, host, seed, stream);
  Drawn out;
  while (out.n_tried < patience) {
    ++out.n_tried;
    if (grower.grows(out)) return out;
  }
  throw attnlab::Failure("of " + std::to_string(patience) + " random trees of depth " +
                         std::to_string(rules.max_depth) + " at most, none has more than " +
                         std::to_string(rules.min_length) + " and fewer than " +
                         std::to_string(rules.max_length) +
                         " tokens; move min_length and max_length apart, or raise max_depth");
}

}  // namespace listops

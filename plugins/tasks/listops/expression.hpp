// expression.hpp: ListOps expressions as token ids, and their answers (Nangia & Bowman 2018).
//
//   id      1 .. 10    11     12     13     14    15     0: padding
//   token   0 .. 9    [MIN   [MAX   [MED   [SM    ]
//
// Parentheses only mark the binary tree and are no tokens. Every value is a digit:
//   MIN, MAX;  MED: the median, the mean of the two middle values cut down to an integer;  SM: the
//   sum modulo 10.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../reading/pack.hpp"

namespace listops {

enum class Operator : std::uint8_t { min, max, med, sm };

inline constexpr std::int64_t n_ids = 16;
inline constexpr std::uint8_t close_id = 15;
constexpr std::uint8_t digit_id(int digit) { return static_cast<std::uint8_t>(digit + 1); }
constexpr std::uint8_t operator_id(Operator op) {
  return static_cast<std::uint8_t>(11 + static_cast<int>(op));
}

// The spelling of an id: "7", "[MED", "]", "<pad>".
std::string token_name(std::int64_t id);

// The value of `op` over at least one value, whose order is changed.
int apply(Operator op, std::span<int> values);

// Appends the tokens of an expression and answers its value. Throws attnlab::Failure if it is none.
int parse(std::string_view expression, std::vector<std::uint8_t>& tokens);

// Expressions one behind the other, with their answers, in the memory of a pack.
class Expressions {
 public:
  Expressions() = default;
  // The parts `name`.tokens, .ends and .answers of `pack`.
  Expressions(const reading::Pack& pack, const std::string& name);

  std::int64_t size() const { return static_cast<std::int64_t>(answers_.size()); }
  int answer(std::int64_t i) const { return answers_[static_cast<std::size_t>(i)]; }
  std::span<const std::uint8_t> tokens(std::int64_t i) const {
    const auto place = static_cast<std::size_t>(i);
    const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
    return tokens_.subspan(begin, ends_[place] - begin);
  }

 private:
  friend class Collected;
  std::span<const std::uint8_t> tokens_, answers_;
  std::span<const std::uint64_t> ends_;
};

// Expressions while they are drawn or read.
class Collected {
 public:
  void add(std::span<const std::uint8_t> tokens, int answer) {
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    ends_.push_back(tokens_.size());
    answers_.push_back(static_cast<std::uint8_t>(answer));
  }
  Expressions view() const;  // valid until the next change
  void move_to(reading::Pack& pack, const std::string& name);

 private:
  std::vector<std::uint8_t> tokens_, answers_;
  std::vector<std::uint64_t> ends_;
};

}  // namespace listops

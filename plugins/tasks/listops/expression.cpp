// expression.cpp: ListOps expressions as token ids, and their answers.
#include "expression.hpp"

#include <algorithm>
#include <array>
#include <attnlab/plugin.hpp>
#include <numeric>

namespace listops {
namespace {

using attnlab::Failure;

constexpr std::array<std::string_view, 4> operators{"[MIN", "[MAX", "[MED", "[SM"};

struct Open {  // an operator that waits for its `]`
  Operator op;
  std::size_t first;  // its first value
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string token_name(std::int64_t id) {
  if (id >= 1 && id <= 10) return std::to_string(id - 1);
  if (id >= 11 && id <= 14) return std::string(operators[static_cast<std::size_t>(id - 11)]);
  return id == close_id ? "]" : id == 0 ? "<pad>" : "";
}

int apply(Operator op, std::span<int> values) {
  switch (op) {
    case Operator::min: return *std::min_element(values.begin(), values.end());
    case Operator::max: return *std::max_element(values.begin(), values.end());
    case Operator::sm: return std::accumulate(values.begin(), values.end(), 0) % 10;
    case Operator::med: break;
  }
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

int parse(std::string_view expression, std::vector<std::uint8_t>& tokens) {
  std::vector<Open> open;
  std::vector<int> values;
  for (std::size_t i = 0; i < expression.size();) {
    if (is_space(expression[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < expression.size() && !is_space(expression[end])) ++end;
    const std::string_view word = expression.substr(i, end - i);
    i = end;
    if (word == "(" || word == ")") continue;
    if (open.empty() && !values.empty()) {
      throw Failure("'" + std::string(word.substr(0, 20)) + "' follows the end of the expression");
    }
    const auto found = std::find(operators.begin(), operators.end(), word);
    if (found != operators.end()) {
      const auto op = static_cast<Operator>(found - operators.begin());
      open.push_back({op, values.size()});
      tokens.push_back(operator_id(op));
    } else if (word == "]" || word == "X") {  // X: as the benchmark's own preprocessing writes it
      if (open.empty()) throw Failure("a ']' closes nothing");
      if (open.back().first == values.size()) throw Failure("an operator has no arguments");
      const int value = apply(open.back().op, std::span(values).subspan(open.back().first));
      values.resize(open.back().first);
      values.push_back(value);
      open.pop_back();
      tokens.push_back(close_id);
    } else if (word.size() == 1 && word[0] >= '0' && word[0] <= '9') {
      values.push_back(word[0] - '0');
      tokens.push_back(digit_id(word[0] - '0'));
    } else {
      throw Failure("'" + std::string(word.substr(0, 20)) +
                    "' is no token of ListOps: they are [MIN [MAX [MED [SM ] ( ) and 0 to 9");
    }
  }
  if (!open.empty()) {
    throw Failure(std::to_string(open.size()) +
                  (open.size() == 1 ? " operator is" : " operators are") +
                  " not closed: the line is cut off");
  }
  if (values.empty()) throw Failure("the expression is empty");
  return values.front();
}

Expressions::Expressions(const reading::Pack& pack, const std::string& name)
    : tokens_(pack.items<std::uint8_t>(name + ".tokens")),
      answers_(pack.items<std::uint8_t>(name + ".answers")),
      ends_(pack.items<std::uint64_t>(name + ".ends")) {}

Expressions Collected::view() const {
  Expressions out;
  out.tokens_ = tokens_, out.answers_ = answers_, out.ends_ = ends_;
  return out;
}

void Collected::move_to(reading::Pack& pack, const std::string& name) {
  pack.add(name + ".tokens", std::move(tokens_));
  pack.add(name + ".answers", std::move(answers_));
  pack.add(name + ".ends", std::move(ends_));
}

}  // namespace listops

// scalar.cpp: plain words by hand-written automata; std::from_chars knows no locale.
#include "grid/scalar.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace attnlab {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(std::string_view word) {
  std::size_t n = 0;
  while (n < word.size() && is_digit(word[n])) ++n;
  return n;
}

// [0-9]+ (. [0-9]*)? ([eE] [-+]? [0-9]+)?  or  . [0-9]+ ...
bool is_decimal(std::string_view word) {
  const std::size_t whole = digits(word);
  word.remove_prefix(whole);
  std::size_t fraction = 0;
  if (!word.empty() && word[0] == '.') {
    fraction = digits(word.substr(1));
    word.remove_prefix(1 + fraction);
  }
  if (whole + fraction == 0) return false;
  if (word.empty()) return true;
  if (word[0] != 'e' && word[0] != 'E') return false;
  word.remove_prefix(1);
  if (!word.empty() && (word[0] == '-' || word[0] == '+')) word.remove_prefix(1);
  return !word.empty() && digits(word) == word.size();
}

Scalar too_large(const std::string& word) {
  return {nullptr, "the whole number " + word + " does not fit 64 bits",
          "whole numbers go up to 9223372036854775807"};
}

Scalar whole_number(const std::string& word, std::string_view text, bool negative, int base) {
  std::int64_t number = 0;
  const std::string with_sign = (negative ? "-" : "") + std::string(text);
  const char* end = with_sign.data() + with_sign.size();
  const auto [stop, error] = std::from_chars(with_sign.data(), end, number, base);
  if (error == std::errc::result_out_of_range) return too_large(word);
  if (error != std::errc() || stop != end) return {word, "", ""};
  return {number, "", ""};
}

Scalar real_number(const std::string& word, std::string_view text, bool negative) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is no number; from_chars does not say which of them it was.
    number = std::strtod(std::string(text).c_str(), nullptr);
    if (!std::isfinite(number)) {
      return {nullptr, "the number " + word + " is too large", "numbers go up to 1.8e308"};
    }
  }
  return {negative && number != 0 ? -number : number, "", ""};
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  for (const std::string_view other : words) {
    if (word == other) return true;
  }
  return false;
}

}  // namespace

Scalar plain_scalar(const std::string& word) {
  if (is_one_of(word, {"", "~", "null", "Null", "NULL"})) return {nullptr, "", ""};
  if (is_one_of(word, {"true", "True", "TRUE"})) return {true, "", ""};
  if (is_one_of(word, {"false", "False", "FALSE"})) return {false, "", ""};

  std::string_view text = word;
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (is_one_of(text, {".inf", ".Inf", ".INF"}) || is_one_of(word, {".nan", ".NaN", ".NAN"})) {
    return {nullptr, word + " cannot be a setting", "give a finite number, or leave the key out"};
  }
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
    return whole_number(word, text.substr(2), negative, text[1] == 'x' ? 16 : 8);
  }
  if (!is_decimal(text)) return {word, "", ""};
  if (digits(text) != text.size()) return real_number(word, text, negative);
  if (text.size() > 1 && text[0] == '0') {
    const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
    return {nullptr, word + " is 8-based in YAML 1.1 and 10-based in YAML 1.2",
            "write " + std::string(negative ? "-" : "") + std::string(text.substr(first)) +
                ", or quote it if it is text"};
  }
  return whole_number(word, text, negative, 10);
}

}  // namespace attnlab

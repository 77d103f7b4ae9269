// spelling.cpp: bytes, words and shares as people see them.
#include "spelling.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace reading {
namespace {

std::string hexadecimal(unsigned char byte, const char* format) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), format, byte);
  return text.data();
}

// The bytes of a valid UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);  // no overlong forms, no surrogates, nothing above U+10FFFF
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return n;
}

}  // namespace

std::string byte_name(unsigned char byte) {
  if (byte > 0x20 && byte < 0x7f) return std::string(1, static_cast<char>(byte));
  return hexadecimal(byte, "0x%02x");
}

std::string printable(std::string_view word) {
  std::string out;
  while (!word.empty()) {
    const std::size_t n = utf8_length(word);
    const auto first = static_cast<unsigned char>(word[0]);
    if (n == 0 || first < 0x20) {
      out += hexadecimal(first, "\\x%02x");
    } else {
      out += word.substr(0, n);
    }
    word.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return out;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  const double share =
      whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", share);
  return text.data();
}

}  // namespace reading

// bytes_of_input.hpp: takes numbers and texts off the front of a fuzzer's input; zeros when it
// ends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace attnlab::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  template <class T>
  T number() {
    T value{};
    const std::size_t n = std::min(sizeof value, rest_.size());
    std::memcpy(&value, rest_.data(), n);
    rest_.remove_prefix(n);
    return value;
  }
  unsigned below(unsigned n) { return number<std::uint8_t>() % n; }
  bool one_in(unsigned n) { return below(n) == n - 1; }  // false once the input has ended
  // Up to the next byte 0xFF, which is taken too.
  std::string_view text() {
    const std::size_t end = std::min(rest_.find('\xff'), rest_.size());
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return found;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace attnlab::fuzz

// guarded.hpp: buffers for trying plugins, with marks on both sides that show a write outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "host/conformance.hpp"

namespace attnlab {

// n numbers of the value `fill`, aligned to 64 bytes.
template <class Number>
class Guarded {
 public:
  explicit Guarded(std::int64_t n, Number fill = Number{})
      : n_(static_cast<std::size_t>(n)), numbers_(n_ + 2 * guard + alignment, mark) {
    const auto address = reinterpret_cast<std::uintptr_t>(numbers_.data() + guard);
    first_ = guard + (alignment - address / sizeof(Number) % alignment) % alignment;
    for (std::size_t i = 0; i < n_; ++i) numbers_[first_ + i] = fill;
  }
  Guarded(const Guarded&) = delete;  // a copy would lie elsewhere, and lose its alignment
  Guarded& operator=(const Guarded&) = delete;

  Number* data() { return numbers_.data() + first_; }
  Number& operator[](std::int64_t i) { return numbers_[first_ + static_cast<std::size_t>(i)]; }
  std::vector<Number> values() const {
    const auto begin = numbers_.begin() + static_cast<std::ptrdiff_t>(first_);
    return {begin, begin + static_cast<std::ptrdiff_t>(n_)};
  }
  bool intact() const {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if ((i < first_ || i >= first_ + n_) && numbers_[i] != mark) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t guard = 32;
  static constexpr std::size_t alignment = 64 / sizeof(Number);
  static constexpr Number mark = Number(113);

  std::size_t n_;
  std::vector<Number> numbers_;
  std::size_t first_ = 0;
};

// Notes a promise as kept or as broken.
inline void judge(Conformance& out, bool kept, const std::string& promise,
                  const std::string& otherwise) {
  if (kept) {
    out.kept.push_back(promise);
  } else {
    out.broken.push_back({"", otherwise, ""});
  }
}

}  // namespace attnlab

// dropout.cpp: masks from random bits, forward and backward.
#include "model/dropout.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "base/random.hpp"

namespace attnlab {

double enlargement(const Dropout& dropout) {
  return 1.0 / (1.0 - static_cast<double>(dropout.threshold()) / 65536.0);
}

std::uint64_t site_seed(const Dropout& dropout, Index site) {
  return random_bits(dropout.seed, streams::dropout + 256 * static_cast<std::uint64_t>(site),
                     static_cast<std::uint64_t>(dropout.step));
}

template <class S>
void drop_row(const Dropout& dropout, std::uint64_t site_seed, std::uint64_t sample, Index token,
              S* x, Index columns, std::uint8_t* mask) {
  const std::uint32_t threshold = dropout.threshold();
  const S factor = static_cast<S>(enlargement(dropout));
  const Index words = (columns + 3) / 4;
  for (Index w = 0; w < words; ++w) {
    std::uint64_t bits =
        random_bits(site_seed, sample, static_cast<std::uint64_t>(token * words + w));
    for (Index c = 4 * w; c < std::min(columns, 4 * w + 4); ++c, bits >>= 16)
      mask[c] = (bits & 0xffffu) >= threshold ? 1 : 0;
  }
  for (Index c = 0; c < columns; ++c) x[c] = mask[c] != 0 ? x[c] * factor : S(0);
}

template <class S>
void drop_backward(const Dropout& dropout, const std::uint8_t* mask, S* d, Index n) {
  const S factor = static_cast<S>(enlargement(dropout));
  for (Index i = 0; i < n; ++i) d[i] = mask[i] != 0 ? d[i] * factor : S(0);
}

void keep_row(const Dropout& dropout, std::uint64_t site_seed, std::uint64_t sample, Index query,
              Index n, std::uint8_t* kept) {
  static_assert(std::endian::native == std::endian::little, "the 16 bits of key 0 are the lowest");
  constexpr std::size_t some = 64;  // words at a time
  std::array<std::uint64_t, some> bits;
  std::array<std::uint16_t, 4 * some> parts;
  const auto threshold = static_cast<std::uint16_t>(dropout.threshold());
  const std::uint64_t first = static_cast<std::uint64_t>(query) << 32;
  const auto n_keys = static_cast<std::size_t>(n);
  for (std::size_t from = 0; from < n_keys; from += parts.size()) {
    const std::size_t here = std::min(parts.size(), n_keys - from), words = (here + 3) / 4;
    random_bits(site_seed, sample, first + from / 4, std::span(bits).first(words));
    std::memcpy(parts.data(), bits.data(), words * sizeof(std::uint64_t));
    for (std::size_t j = 0; j < here; ++j) kept[from + j] = parts[j] >= threshold ? 1 : 0;
  }
}

template void drop_row(const Dropout&, std::uint64_t, std::uint64_t, Index, float*, Index,
                       std::uint8_t*);
template void drop_row(const Dropout&, std::uint64_t, std::uint64_t, Index, double*, Index,
                       std::uint8_t*);
template void drop_backward(const Dropout&, const std::uint8_t*, float*, Index);
template void drop_backward(const Dropout&, const std::uint8_t*, double*, Index);

}  // namespace attnlab

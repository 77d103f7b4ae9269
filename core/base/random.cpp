// random.cpp: Philox by Random123, and what is made of its bits.
#include "base/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace attnlab {

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  using Philox = r123::Philox4x32;
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const std::uint64_t block = index / 2;
  const Philox::ctr_type counter{{low(block), high(block), low(stream), high(stream)}};
  const Philox::key_type key{{low(seed), high(seed)}};
  const auto words = Philox{}(counter, key);
  const unsigned first = index % 2 == 0 ? 0u : 2u;
  return (std::uint64_t{words[first + 1]} << 32) | words[first];
}

double random_uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return static_cast<double>(random_bits(seed, stream, index) >> 11) * 0x1.0p-53;
}

double random_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const double u = 1.0 - random_uniform(seed, stream, 2 * index);  // (0, 1]: its log is finite
  const double v = random_uniform(seed, stream, 2 * index + 1);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

void random_permutation(std::uint64_t seed, std::uint64_t stream, std::span<Index> out) {
  std::iota(out.begin(), out.end(), Index{0});
  for (std::size_t i = out.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(random_bits(seed, stream, i) % i);
    std::swap(out[i - 1], out[j]);
  }
}

}  // namespace attnlab

// random.cpp: Philox by Random123, and what is made of its bits.
#include "base/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace attnlab {

namespace {

struct Block {
  std::uint64_t even, odd;
};

Block block_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t block) {
  using Philox = r123::Philox4x32;
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const Philox::ctr_type counter{{low(block), high(block), low(stream), high(stream)}};
  const Philox::key_type key{{low(seed), high(seed)}};
  const auto words = Philox{}(counter, key);
  return {(std::uint64_t{words[1]} << 32) | words[0], (std::uint64_t{words[3]} << 32) | words[2]};
}

// Blocks first .. first + n - 1 side by side, written out (Salmon et al. 2011, section 3.3) so that
// compilers make vectors of them; the same bits as block_of.
constexpr std::size_t kSideBySide = 16;
void blocks_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::uint64_t* out) {
  constexpr std::uint64_t low = 0xffffffffu;
  std::uint64_t a[kSideBySide], b[kSideBySide], c[kSideBySide], d[kSideBySide];
  for (std::size_t i = 0; i < kSideBySide; ++i) {
    a[i] = (first + i) & low;
    b[i] = (first + i) >> 32;
    c[i] = stream & low;
    d[i] = stream >> 32;
  }
  std::uint64_t key_0 = seed & low, key_1 = seed >> 32;
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kSideBySide; ++i) {
      const std::uint64_t x = 0xD2511F53u * a[i], y = 0xCD9E8D57u * c[i];
      a[i] = (y >> 32) ^ b[i] ^ key_0;
      b[i] = y & low;
      c[i] = (x >> 32) ^ d[i] ^ key_1;
      d[i] = x & low;
    }
    key_0 = (key_0 + 0x9E3779B9u) & low;
    key_1 = (key_1 + 0xBB67AE85u) & low;
  }
  for (std::size_t i = 0; i < kSideBySide; ++i) {
    out[2 * i] = a[i] | (b[i] << 32);
    out[2 * i + 1] = c[i] | (d[i] << 32);
  }
}

}  // namespace

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const Block block = block_of(seed, stream, index / 2);
  return index % 2 == 0 ? block.even : block.odd;
}

void random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                 std::span<std::uint64_t> out) {
  std::size_t i = 0;
  if (first % 2 != 0 && !out.empty()) out[i++] = random_bits(seed, stream, first);
  for (; i + 2 * kSideBySide <= out.size(); i += 2 * kSideBySide)
    blocks_of(seed, stream, (first + i) / 2, out.data() + i);
  for (; i + 2 <= out.size(); i += 2) {
    const Block block = block_of(seed, stream, (first + i) / 2);
    out[i] = block.even;
    out[i + 1] = block.odd;
  }
  if (i < out.size()) out[i] = random_bits(seed, stream, first + i);
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

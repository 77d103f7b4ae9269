// random.hpp: random numbers as a function of (seed, stream, index): no state, any order, any thread.
//
// Philox4x32-10 (Salmon et al. 2011; Random123). The key is the seed; the counter is (index / 2, stream); each
// block of four 32-bit words gives two 64-bit numbers.
#pragma once

#include <cstdint>
#include <span>

#include "base/index.hpp"

namespace attnlab {

// Streams keep uses apart. A stream of a matrix or a layer is `stream + number * 256`.
namespace streams {
inline constexpr std::uint64_t initial = 1;   // initial parameters, + 256 * block
inline constexpr std::uint64_t epochs = 2;    // order of the samples, + 256 * epoch
inline constexpr std::uint64_t dropout = 3;   // + 256 * site
inline constexpr std::uint64_t task = 4;      // plugins: theirs start at 1 << 32
}  // namespace streams

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);
// out[i] = random_bits(seed, stream, first + i), each block made once.
void random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::span<std::uint64_t> out);
double random_uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);  // [0, 1), 53 bits
// Standard normal by Box-Muller from the uniforms 2 index and 2 index + 1 of the stream.
double random_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);
// 0 .. n-1 in a random order (Fisher-Yates), the same for the same arguments.
void random_permutation(std::uint64_t seed, std::uint64_t stream, std::span<Index> out);

}  // namespace attnlab

// columns.hpp: a stream of tokens as columns, and its windows as samples.
//
// The stream is cut into c equal columns of L tokens, the rest at its end is dropped. Block b of
// every column has the inputs b T .. b T + T - 1 of that column; the target of a token is the next
// one. Sample b c + j is block b of column j. The last block is moved back so that it is whole;
// what an earlier block has asked already has no target there (-1): every token but the first of
// its column is a target exactly once.
#pragma once

#include <cstdint>
#include <span>

namespace text_corpus {

// Token ids, in one byte each or in four; the memory is another's.
class Stream {
 public:
  Stream() = default;
  explicit Stream(std::span<const unsigned char> bytes) : bytes_(bytes) {}
  explicit Stream(std::span<const std::int32_t> ids) : ids_(ids) {}

  std::int64_t size() const {
    return static_cast<std::int64_t>(ids_.empty() ? bytes_.size() : ids_.size());
  }
  std::int32_t operator[](std::int64_t i) const {
    const auto place = static_cast<std::size_t>(i);
    return ids_.empty() ? bytes_[place] : ids_[place];
  }

 private:
  std::span<const unsigned char> bytes_;
  std::span<const std::int32_t> ids_;
};

class Columns {
 public:
  Columns() = default;
  // Needs n_columns (length + 1) tokens.
  Columns(Stream stream, std::int64_t n_columns, std::int64_t length);

  std::int64_t n_samples() const { return n_columns_ * n_blocks_; }
  std::int64_t n_columns() const { return n_columns_; }
  std::int64_t n_targets() const { return n_samples() == 0 ? 0 : n_columns_ * (height_ - 1); }

  void sample(std::int64_t index, std::int32_t* tokens, std::int32_t* targets) const;

 private:
  Stream stream_;
  std::int64_t n_columns_ = 0, length_ = 0, height_ = 0, n_blocks_ = 0;  // c, T, L, blocks
};

}  // namespace text_corpus

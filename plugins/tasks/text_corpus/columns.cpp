// columns.cpp: a stream of tokens as columns, and its windows as samples.
#include "columns.hpp"

#include <algorithm>

namespace text_corpus {

Columns::Columns(Stream stream, std::int64_t n_columns, std::int64_t length)
    : stream_(stream),
      n_columns_(n_columns),
      length_(length),
      height_(stream_.size() / n_columns),
      n_blocks_((height_ - 1 + length - 1) / length) {}

void Columns::sample(std::int64_t index, std::int32_t* tokens, std::int32_t* targets) const {
  const std::int64_t column = index % n_columns_, wanted = index / n_columns_ * length_;
  const std::int64_t begin = std::min(wanted, height_ - 1 - length_);
  const std::int64_t offset = column * height_ + begin;
  for (std::int64_t t = 0; t < length_; ++t) {
    tokens[t] = stream_[offset + t];
    targets[t] = begin + t < wanted ? -1 : stream_[offset + t + 1];
  }
}

}  // namespace text_corpus

// coordinator.cpp: one answer for each kind of message.
#include "schedule/coordinator.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace attnlab {
namespace {

std::vector<Letter> to_all(int n_ranks, Word word, const std::vector<std::int64_t>& words) {
  std::vector<Letter> letters;
  for (int rank = 0; rank < n_ranks; ++rank) letters.push_back({rank, word, words});
  return letters;
}

}  // namespace

Coordinator::Coordinator(const WorkList& work, int n_ranks)
    : work_(work),
      n_ranks_(n_ranks),
      given_(std::min(work.first_shared(n_ranks), work.size())),
      tallies_(static_cast<std::size_t>(n_ranks)) {}

std::vector<Letter> Coordinator::on(const Message& message) {
  Tally& tally = tallies_[static_cast<std::size_t>(message.from)];
  const auto hear = [&] {
    ATTNLAB_ASSERT(message.words.size() == tally.counts.size());
    std::ranges::copy(message.words, tally.counts.begin());
  };
  switch (word_of(message)) {
    case Word::ask: {
      const Chunk chunk =
          stop_reason_ ? Chunk{given_, given_} : work_.next_chunk(given_, n_ranks_);
      given_ = chunk.end;
      return {{message.from, Word::chunk, {chunk.begin, chunk.end}}};
    }
    case Word::stop: return stop(message.words.at(0));
    case Word::tally: hear(); return {};
    case Word::goodbye:
      hear();
      ++n_left_;
      return everyone_left() ? to_all(n_ranks_, Word::release, {}) : std::vector<Letter>{};
    default: ATTNLAB_ASSERT(!"a message for a worker reached the coordinator"); return {};
  }
}

std::vector<Letter> Coordinator::stop(std::int64_t reason) {
  if (stop_reason_) return {};
  stop_reason_ = reason;
  return to_all(n_ranks_, Word::stop, {reason});
}

Tally Coordinator::tally() const {
  Tally sum;
  for (const Tally& one : tallies_) {
    for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += one.counts[i];
  }
  return sum;
}

}  // namespace attnlab

// members.cpp: the last word of each member counts.
#include "schedule/members.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace attnlab {

Members::Members(std::vector<int> ranks, Role role)
    : ranks_(std::move(ranks)), role_(role), tallies_(ranks_.size()) {}

std::vector<Letter> Members::letters(Word word, const std::vector<std::int64_t>& words) const {
  std::vector<Letter> letters;
  for (const int rank : ranks_) letters.push_back({{rank, role_}, word, words});
  return letters;
}

void Members::hear(const Message& message) {
  const auto member = std::ranges::lower_bound(ranks_, message.from);
  ATTNLAB_ASSERT(member != ranks_.end() && *member == message.from);
  Tally& tally = tallies_[static_cast<std::size_t>(member - ranks_.begin())];
  ATTNLAB_ASSERT(message.words.size() == tally.counts.size());
  std::ranges::copy(message.words, tally.counts.begin());
  n_left_ += word_of(message) == Word::goodbye ? 1 : 0;
}

Tally Members::sum() const {
  Tally sum;
  for (const Tally& one : tallies_) {
    for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += one.counts[i];
  }
  return sum;
}

}  // namespace attnlab

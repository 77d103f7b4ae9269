// leader.cpp: a pool that is fetched when someone waits, and cut among the ranks as rank 0 cuts the
// whole.
#include "schedule/leader.hpp"

#include "base/assert.hpp"

namespace attnlab {
namespace {

constexpr Address coordinator{0, Role::coordinator};

}  // namespace

Leader::Leader(const WorkList& work, int rank, const Nodes& nodes)
    : work_(work), rank_(rank), members_(nodes.members_of(rank), Role::worker) {}

std::vector<Letter> Leader::on(const Message& message) {
  std::vector<Letter> letters;
  switch (word_of(message)) {
    case Word::ask:
      hungry_.push_back(message.from);
      serve(letters);
      return letters;
    case Word::chunk: {
      const Chunk chunk{message.words.at(0), message.words.at(1)};
      asked_ = false;
      if (!dry_) pool_ = chunk;  // it was empty when it was asked for
      dry_ = dry_ || chunk.size() == 0;
      serve(letters);
      return letters;
    }
    case Word::stop:
      if (stop_asked_) return {};
      stop_asked_ = true;
      return {{coordinator, Word::stop, message.words}};
    case Word::halt:
      dry_ = true;
      pool_ = {};
      letters = members_.letters(Word::halt, message.words);
      serve(letters);
      return letters;
    case Word::tally: members_.hear(message); return {};
    case Word::goodbye:
      members_.hear(message);
      if (members_.all_left()) return {{coordinator, Word::goodbye, members_.sum().words()}};
      // Rank 0 counts its own trials until it says goodbye; then they must have arrived.
      if (message.from == rank_) {
        if (auto told = tell()) letters.push_back(*std::move(told));
      }
      return letters;
    case Word::release: return members_.letters(Word::release, {});
  }
  ATTNLAB_ASSERT(!"a message without a meaning reached a leader");
  return {};
}

std::optional<Letter> Leader::tell() {
  const Tally sum = members_.sum();
  if (sum == told_ || members_.all_left()) return std::nullopt;
  told_ = sum;
  return Letter{coordinator, Word::tally, sum.words()};
}

void Leader::serve(std::vector<Letter>& letters) {
  while (!hungry_.empty() && (pool_.size() > 0 || dry_)) {
    const Chunk chunk = work_.next_chunk(pool_, members_.size());
    letters.push_back({{hungry_.front(), Role::worker}, Word::chunk, {chunk.begin, chunk.end}});
    hungry_.pop_front();
    pool_.begin = chunk.end;
  }
  if (hungry_.empty() || asked_ || dry_) return;
  asked_ = true;
  letters.push_back(
      {coordinator, Word::ask, {members_.size(), static_cast<std::int64_t>(hungry_.size())}});
}

}  // namespace attnlab

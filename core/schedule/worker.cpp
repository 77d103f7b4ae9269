// worker.cpp: at most one question on its way at any time.
#include "schedule/worker.hpp"

#include "base/assert.hpp"

namespace attnlab {

Worker::Worker(const WorkList& work, int rank, int n_ranks, const Nodes& nodes)
    : work_(work), superior_(nodes.superior_of(rank)) {
  for (const Index trial : work.first_share(rank, n_ranks)) store_.push_back(trial);
  dry_ = work.first_shared(n_ranks) >= work.size();
}

std::optional<Index> Worker::next() {
  if (store_.empty()) return std::nullopt;
  const Index trial = store_.front();
  store_.pop_front();
  return trial;
}

std::optional<Letter> Worker::ask(Index reserve) {
  if (asked_ || dry_ || stop_reason_ || stored() > reserve) return std::nullopt;
  asked_ = true;
  return letter(Word::ask, {});
}

Letter Worker::letter(Word word, std::vector<std::int64_t> words) const {
  return {superior_, word, std::move(words)};
}

void Worker::on(const Message& message) {
  switch (word_of(message)) {
    case Word::chunk: {
      asked_ = false;
      if (stop_reason_) return;
      const Chunk chunk{message.words.at(0), message.words.at(1)};
      dry_ = chunk.size() == 0;
      for (Index p = chunk.begin; p < chunk.end; ++p) store_.push_back(work_.trial(p));
      return;
    }
    case Word::halt: stop(message.words.at(0)); return;
    case Word::release: released_ = true; return;
    default: ATTNLAB_ASSERT(!"a message for the coordinator reached a worker");
  }
}

void Worker::stop(std::int64_t reason) {
  if (!stop_reason_) stop_reason_ = reason;
  store_.clear();
}

}  // namespace attnlab

// coordinator.cpp: one answer for each kind of message.
#include "schedule/coordinator.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"

namespace attnlab {
namespace {

Members those_who_ask(int n_ranks, const Nodes& nodes) {
  if (nodes.has_leaders()) return {nodes.leaders(), Role::leader};
  std::vector<int> all(static_cast<std::size_t>(n_ranks));
  std::iota(all.begin(), all.end(), 0);
  return {std::move(all), Role::worker};
}

}  // namespace

Coordinator::Coordinator(const WorkList& work, int n_ranks, const Nodes& nodes)
    : work_(work),
      n_ranks_(n_ranks),
      members_(those_who_ask(n_ranks, nodes)),
      asks_as_(nodes.has_leaders() ? Role::leader : Role::worker),
      given_(std::min(work.first_shared(n_ranks), work.size())) {}

std::vector<Letter> Coordinator::on(const Message& message) {
  switch (word_of(message)) {
    case Word::ask: {
      Chunk chunk{given_, given_};
      if (!stop_reason_) {
        const bool leads = message.words.size() == 2;
        chunk = work_.next_chunk({given_, work_.size()}, n_ranks_, leads ? message.words[0] : 1,
                                 leads ? message.words[1] : 1);
        given_ = chunk.end;
      }
      return {{{message.from, asks_as_}, Word::chunk, {chunk.begin, chunk.end}}};
    }
    case Word::stop: return stop(message.words.at(0));
    case Word::tally: members_.hear(message); return {};
    case Word::goodbye:
      members_.hear(message);
      return everyone_left() ? members_.letters(Word::release, {}) : std::vector<Letter>{};
    default: ATTNLAB_ASSERT(!"a message for a worker reached the coordinator"); return {};
  }
}

std::vector<Letter> Coordinator::stop(std::int64_t reason) {
  if (stop_reason_) return {};
  stop_reason_ = reason;
  return members_.letters(Word::halt, {reason});
}

}  // namespace attnlab

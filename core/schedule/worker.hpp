// worker.hpp: a rank's store of trials to train: fills up in time, empties in order. Sends nothing itself.
#pragma once

#include <deque>
#include <optional>

#include "schedule/nodes.hpp"
#include "schedule/work_list.hpp"

namespace attnlab {

class Worker {
 public:
  // Borrows `work`; holds its first share at once.
  Worker(const WorkList& work, int rank, int n_ranks, const Nodes& nodes = {});

  std::optional<Index> next();  // the number of the trial to start now, costliest first
  // The letter that asks for more, if `reserve` trials or fewer are in store and asking makes sense.
  std::optional<Letter> ask(Index reserve);
  Letter letter(Word word, std::vector<std::int64_t> words) const;  // to whom it asks
  void on(const Message& message);  // chunk, halt, release
  void stop(std::int64_t reason);   // empties the store; nothing comes after

  Index stored() const { return static_cast<Index>(store_.size()); }
  std::optional<std::int64_t> stop_reason() const { return stop_reason_; }
  // Nothing in store and nothing to come: when the running trials are through, this rank says goodbye.
  bool exhausted() const { return store_.empty() && (dry_ || stop_reason_.has_value()); }
  bool released() const { return released_; }

 private:
  const WorkList& work_;
  Address superior_;
  std::deque<Index> store_;
  bool asked_ = false;
  bool dry_ = false;  // the coordinator has nothing left
  bool released_ = false;
  std::optional<std::int64_t> stop_reason_;
};

}  // namespace attnlab

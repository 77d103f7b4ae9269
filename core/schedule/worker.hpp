// worker.hpp: a rank's store of trials to train: fills up in time, empties in order. Sends nothing itself.
#pragma once

#include <deque>
#include <optional>

#include "schedule/message.hpp"
#include "schedule/work_list.hpp"

namespace attnlab {

class Worker {
 public:
  Worker(const WorkList& work, int rank, int n_ranks);  // borrows `work`; holds its first share at once

  std::optional<Index> next();  // the number of the trial to start now, costliest first
  // The letter that asks for more, if `reserve` trials or fewer are in store and asking makes sense.
  std::optional<Letter> ask(Index reserve);
  void on(const Message& message);  // chunk, stop, release
  void stop(std::int64_t reason);   // empties the store; nothing comes after

  Index stored() const { return static_cast<Index>(store_.size()); }
  std::optional<std::int64_t> stop_reason() const { return stop_reason_; }
  // Nothing in store and nothing to come: when the running trials are through, this rank says goodbye.
  bool exhausted() const { return store_.empty() && (dry_ || stop_reason_.has_value()); }
  bool released() const { return released_; }

 private:
  const WorkList& work_;
  std::deque<Index> store_;
  bool asked_ = false;
  bool dry_ = false;  // the coordinator has nothing left
  bool released_ = false;
  std::optional<std::int64_t> stop_reason_;
};

}  // namespace attnlab

// coordinator.hpp: rank 0's other half: answers those who ask, and knows when everyone is home. Sends nothing itself.
#pragma once

#include <optional>
#include <vector>

#include "schedule/message.hpp"
#include "schedule/work_list.hpp"

namespace attnlab {

class Coordinator {
 public:
  Coordinator(const WorkList& work, int n_ranks);  // borrows `work`

  // What one message leads to. Each position of the work list is given to one rank only.
  std::vector<Letter> on(const Message& message);
  // Tells every rank to train no more, once; the reason of the first call stays.
  std::vector<Letter> stop(std::int64_t reason);

  std::optional<std::int64_t> stop_reason() const { return stop_reason_; }
  bool everyone_left() const { return n_left_ == n_ranks_; }
  Tally tally() const;  // of all ranks, as far as they told

 private:
  const WorkList& work_;
  int n_ranks_;
  Index given_;  // positions [0, given_) are someone's
  std::optional<std::int64_t> stop_reason_;
  std::vector<Tally> tallies_;  // [rank]
  int n_left_ = 0;
};

}  // namespace attnlab

// coordinator.hpp: rank 0's other half: answers those who ask, and knows when everyone is home.
// Sends nothing itself.
#pragma once

#include <optional>
#include <vector>

#include "schedule/members.hpp"
#include "schedule/nodes.hpp"
#include "schedule/work_list.hpp"

namespace attnlab {

class Coordinator {
 public:
  // Borrows `work`. With leaders it speaks to them only.
  Coordinator(const WorkList& work, int n_ranks, const Nodes& nodes = {});

  // What one message leads to. Each position of the work list is given to one member only.
  std::vector<Letter> on(const Message& message);
  // Tells every rank to train no more, once; the reason of the first call stays.
  std::vector<Letter> stop(std::int64_t reason);

  std::optional<std::int64_t> stop_reason() const { return stop_reason_; }
  bool everyone_left() const { return members_.all_left(); }
  Tally tally() const { return members_.sum(); }  // of all ranks, as far as they told

 private:
  const WorkList& work_;
  int n_ranks_;
  Members members_;
  Role asks_as_;  // what the members are
  Index given_;   // positions [0, given_) are someone's
  std::optional<std::int64_t> stop_reason_;
};

}  // namespace attnlab

// leader.hpp: fetches trials for the ranks of one node, so that rank 0 hears from nodes instead of
// ranks. Sends nothing itself.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "schedule/members.hpp"
#include "schedule/nodes.hpp"
#include "schedule/work_list.hpp"

namespace attnlab {

class Leader {
 public:
  Leader(const WorkList& work, int rank, const Nodes& nodes);  // borrows `work`

  // What one message, of a worker of the node or of the coordinator, leads to.
  std::vector<Letter> on(const Message& message);
  // What the ranks of the node told so far, for the coordinator; none if nothing is new.
  std::optional<Letter> tell();

 private:
  void serve(std::vector<Letter>& letters);

  const WorkList& work_;
  int rank_;
  Members members_;
  Chunk pool_{};            // fetched, and not yet given to a rank
  std::deque<int> hungry_;  // ranks that wait for an answer
  bool asked_ = false;
  bool dry_ = false;  // the coordinator has nothing left, or all are to stop
  bool stop_asked_ = false;
  Tally told_;
};

}  // namespace attnlab

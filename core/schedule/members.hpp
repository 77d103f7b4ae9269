// members.hpp: the ranks that one part of the schedule answers to, what they told, and who of them
// has left. Pure.
#pragma once

#include <vector>

#include "schedule/message.hpp"

namespace attnlab {

class Members {
 public:
  // The parts `role` of `ranks`, ascending.
  Members(std::vector<int> ranks, Role role);

  int size() const { return static_cast<int>(ranks_.size()); }
  std::vector<Letter> letters(Word word, const std::vector<std::int64_t>& words) const;  // to all
  void hear(const Message& message);  // tally or goodbye
  bool all_left() const { return n_left_ == size(); }
  Tally sum() const;  // as far as they told

 private:
  std::vector<int> ranks_;
  Role role_;
  std::vector<Tally> tallies_;  // [member]
  int n_left_ = 0;
};

}  // namespace attnlab

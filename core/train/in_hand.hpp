// in_hand.hpp: for which trial the calling thread works now, so that a handler of fatal signals can
// tell whose fault it was.
#pragma once

namespace attnlab {

// While it lives, the calling thread works for `trial`: any address that its owner knows again;
// null for none. The thread gets a second stack, for handlers that run when the first one is full.
class InHand {
 public:
  explicit InHand(const void* trial) noexcept;
  InHand(const InHand&) = delete;
  InHand& operator=(const InHand&) = delete;
  ~InHand();

 private:
  const void* before_;
};

const void* trial_in_hand() noexcept;  // null: none; may be called by a signal handler

}  // namespace attnlab

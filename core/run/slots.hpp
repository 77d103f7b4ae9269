// slots.hpp: where each running trial is, in memory that this process shares with its sandbox
// children and that a signal handler may read.
#pragma once

#include <atomic>
#include <cstdint>

namespace attnlab {

struct alignas(64) TrialSlot {
  std::atomic<bool> stop{false};        // the trial is to end at its next step
  std::atomic<std::int64_t> step{-1};   // updates made; -1: not at its first step yet
  std::atomic<std::uint64_t> trial{0};  // its id; 0: nobody trains in this slot
  std::atomic<bool> elsewhere{false};   // it trains in a child
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

// Slots for as many trials as a rank may train at once; most never cost memory.
class TrialSlots {
 public:
  static constexpr int n = 4096;
  TrialSlots();
  TrialSlots(const TrialSlots&) = delete;
  TrialSlots& operator=(const TrialSlots&) = delete;
  ~TrialSlots();
  TrialSlot& operator[](int i) const { return slots_[i]; }

 private:
  TrialSlot* slots_;
};

}  // namespace attnlab

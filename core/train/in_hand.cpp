// in_hand.cpp: one word for each thread, and a second stack for those that train.
#include "train/in_hand.hpp"

#include <signal.h>
#include <sys/mman.h>

#include <cstddef>

namespace attnlab {
namespace {

// A thread's own variables are the only ones that a handler can tell threads apart by.
thread_local const void* in_hand = nullptr;

class SecondStack {
 public:
  SecondStack() {
    stack_t present{};
    if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
    memory_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) return;
    stack_t mine{};
    mine.ss_sp = memory_;
    mine.ss_size = size;
    ::sigaltstack(&mine, nullptr);
  }
  SecondStack(const SecondStack&) = delete;
  SecondStack& operator=(const SecondStack&) = delete;
  ~SecondStack() {
    if (memory_ == MAP_FAILED) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
    ::munmap(memory_, size);
  }

 private:
  static constexpr std::size_t size = 128 * 1024;
  void* memory_ = MAP_FAILED;
};

}  // namespace

InHand::InHand(const void* trial) noexcept : before_(in_hand) {
  static thread_local const SecondStack stack;
  in_hand = trial;
}

InHand::~InHand() { in_hand = before_; }

const void* trial_in_hand() noexcept { return in_hand; }

}  // namespace attnlab

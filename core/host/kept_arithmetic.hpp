// kept_arithmetic.hpp: a plugin may not change how this thread computes: rounding, subnormal
// numbers, trapped exceptions. Whoever links with -ffast-math changes the second by being loaded.
#pragma once

#include <cfenv>
#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace attnlab {

// Puts the arithmetic of this thread back when it goes. Costs some nanoseconds, so that it can
// stand around every call of a slot; flags that were raised stay raised.
class KeptArithmetic {
 public:
  KeptArithmetic(const KeptArithmetic&) = delete;
  KeptArithmetic& operator=(const KeptArithmetic&) = delete;

#if defined(__x86_64__)
  KeptArithmetic() : vector_(_mm_getcsr()), x87_(x87()) {}
  ~KeptArithmetic() {
    const std::uint32_t now = _mm_getcsr();
    if (((now ^ vector_) & ~raised) != 0) _mm_setcsr((vector_ & ~raised) | (now & raised));
    if (x87() != x87_) __asm__ volatile("fldcw %0" : : "m"(x87_));
  }

 private:
  static constexpr std::uint32_t raised = 0x3f;
  static std::uint16_t x87() {
    std::uint16_t word = 0;
    __asm__ volatile("fnstcw %0" : "=m"(word));
    return word;
  }
  std::uint32_t vector_;
  std::uint16_t x87_;
#else
  KeptArithmetic() { std::fegetenv(&before_); }
  ~KeptArithmetic() { std::fesetenv(&before_); }

 private:
  std::fenv_t before_;
#endif
};

}  // namespace attnlab

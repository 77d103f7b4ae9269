// slots.cpp: one shared mapping; fresh pages are zero, which is not what -1 looks like.
#include "run/slots.hpp"

#include <sys/mman.h>

#include <new>

namespace attnlab {

TrialSlots::TrialSlots() {
  void* const memory = ::mmap(nullptr, n * sizeof(TrialSlot), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  slots_ = static_cast<TrialSlot*>(memory);  // a slot is filled in by who takes it
}

TrialSlots::~TrialSlots() { ::munmap(slots_, n * sizeof(TrialSlot)); }

}  // namespace attnlab

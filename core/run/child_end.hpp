// child_end.hpp: how a child ended, and whose fault that was.
#pragma once

#include <string>

namespace attnlab {

struct ChildEnd {
  bool crashed = false;  // by itself; else it was killed from outside
  std::string how;       // "died of SIGSEGV"
};

// `status`: as waitpid tells it. `kills_before`: memory_kills() when the child was asked.
ChildEnd end_of_child(int status, long kills_before);

// How often the memory group of this process, or the machine, has killed for want of memory.
long memory_kills();

}  // namespace attnlab

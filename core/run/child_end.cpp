// child_end.cpp: SIGKILL is nobody's fault, unless the system killed for want of memory meanwhile.
#include "run/child_end.hpp"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace attnlab {
namespace {

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
}

}  // namespace

long memory_kills() {
  std::ifstream group("/sys/fs/cgroup/memory.events");
  if (!group) group.open("/proc/vmstat");
  for (std::string line; std::getline(group, line);) {
    if (line.starts_with("oom_kill ")) return std::atol(line.c_str() + 9);
  }
  return 0;
}

ChildEnd end_of_child(int status, long kills_before) {
  if (WIFEXITED(status)) {
    return {true, "ended its own process with exit(" + std::to_string(WEXITSTATUS(status)) + ")"};
  }
  const int signal = WTERMSIG(status);
  if (signal != SIGKILL) return {true, "died of " + signal_name(signal)};
  if (memory_kills() > kills_before) {
    return {true, "was killed by the system for want of memory"};
  }
  return {false, "was killed from outside"};
}

}  // namespace attnlab

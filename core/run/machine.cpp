// machine.cpp: Linux' answers.
#include "run/machine.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>

namespace attnlab {

Cores cores() {
  Cores found;
  found.present = std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  found.allowed = found.present;
  constexpr int most = 8192;  // cpu_set_t ends at 1024
  if (cpu_set_t* set = CPU_ALLOC(most)) {
    const std::size_t size = CPU_ALLOC_SIZE(most);
    CPU_ZERO_S(size, set);
    if (sched_getaffinity(0, size, set) == 0) found.allowed = std::max(1, CPU_COUNT_S(size, set));
    CPU_FREE(set);
  }
  return found;
}

int ranks_here() {
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE"}) {
    if (const char* text = std::getenv(name)) return std::max(1, std::atoi(text));
  }
  return 1;
}

int default_threads(const Cores& cores, int ranks_on_machine) {
  if (cores.allowed < cores.present) return cores.allowed;
  return std::max(1, cores.present / std::max(1, ranks_on_machine));
}

double memory_bytes() {
  double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream in(file);
    double limit = 0;
    if (in >> limit && limit > 0) bytes = std::min(bytes, limit);  // "max" is no number
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    bytes = std::min(bytes, static_cast<double>(limit.rlim_cur));
  }
  return bytes;
}

std::string this_host() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string utc_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::filesystem::path executable() {
  std::error_code code;
  return std::filesystem::read_symlink("/proc/self/exe", code);
}

std::filesystem::path installed_plugins() {
  return executable().parent_path().parent_path() / "lib" / "attnlab" / "plugins";
}

double unix_seconds() {
  using namespace std::chrono;
  return duration<double>(system_clock::now().time_since_epoch()).count();
}

double steady_seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace attnlab

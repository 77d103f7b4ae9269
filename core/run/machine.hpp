// machine.hpp: what this process may use of the machine it runs on.
#pragma once

#include <filesystem>
#include <string>

namespace attnlab {

struct Cores {
  int allowed = 1;  // in the affinity mask of this process
  int present = 1;  // online on this machine
};
Cores cores();

// Ranks of this job on this machine, as the launcher says; 1 without one.
int ranks_here();

// Threads of one rank by default: the cores it is bound to; ranks that are bound to nothing share
// the machine evenly.
int default_threads(const Cores& cores, int ranks_on_machine);

double memory_bytes();  // of the machine, or of the container or limit that this process lives in
std::string this_host();
std::string utc_text();                     // now, "2026-01-31T12:00:00Z"
std::filesystem::path executable();         // absolute
std::filesystem::path installed_plugins();  // <executable>/../lib/attnlab/plugins
double unix_seconds();
double steady_seconds();

}  // namespace attnlab

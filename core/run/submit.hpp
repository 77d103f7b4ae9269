// submit.hpp: a grid as a job of a cluster: what it asks for, and the script. Pure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace attnlab {

enum class Scheduler { slurm, pbs };

struct Job {
  Scheduler scheduler = Scheduler::slurm;
  std::string name;  // of the grid: [a-z0-9-]+
  int nodes = 1;
  std::optional<int> ranks;             // in all, as for mpirun -n; none: one a node
  std::optional<int> threads;           // of each rank; none: whole nodes, shared by their ranks
  int array = 0;                        // jobs that share the trials; 0: one that trains them all
  std::optional<double> time;           // seconds; none: what the partition or queue gives
  std::string partition, account;       // empty: the scheduler's default
  std::filesystem::path folder;         // where it runs: relative paths count from here
  std::vector<std::string> supervisor;  // words before mpirun; may be empty
  std::string program;                  // the file of attnlab
  std::vector<std::string> words;       // `run GRID --out DIR ...`
};

// The whole script. Fails if the ranks do not divide evenly among the nodes, if the time is too
// short to stop in, or if a name cannot stand in a scheduler's line.
Result<std::string> job_script(const Job& job);

// How long before the end of its time a job is told to stop: two minutes, a tenth of short times.
long long seconds_of_warning(const std::optional<double>& time);

std::string slurm_time(double seconds);  // D-HH:MM:SS
std::string pbs_time(double seconds);    // HHH:MM:SS

// `word` for a shell: as it is if it is plain, else in single quotes.
std::string shell_word(const std::string& word);

}  // namespace attnlab

// options.hpp: the command line as one value. See contract section 2.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace attnlab {

enum class Isolate { foreign, always, never };  // trials of plugins from elsewhere, all, none
enum class ProgressStyle { automatic, plain, none };

struct Options {
  std::string verb;  // "run", "plan", ...
  std::string grid;  // GRID.yaml, as given
  std::string path;  // DIR or RESULTS
  std::string name;  // a plugin, a trial
  std::string out;
  std::vector<std::string> overrides;                            // --set
  std::vector<std::string> plugin_folders;                       // --plugins
  int threads = 0;                                               // 0: not given
  int trials_at_once = 0;                                        // 0: not given
  double time_limit = std::numeric_limits<double>::infinity();   // seconds since the process began
  double trial_limit = std::numeric_limits<double>::infinity();  // seconds that a trial may take
  Isolate isolate = Isolate::foreign;
  double commit_seconds = 30;
  bool fresh = false;
  Share share;    // of `run`
  int array = 0;  // of `submit`: jobs that share the grid; 0: one job
  ProgressStyle progress = ProgressStyle::automatic;
  std::string format = "table";  // table | json | csv
  std::optional<int> ranks;      // of `plan` and `submit`
  std::string scheduler;         // of `submit`, as all below: slurm | pbs
  int nodes = 1;
  double job_time = 0;             // seconds; 0: not given
  std::string partition, account;  // empty: the scheduler's default
  std::string script;              // FILE; empty: stdout
  bool now = false;                // hand the script to the scheduler
  std::string check_file;          // of `plugins`: the .so to try
  std::string kind;                // of `new`: task | kernel | optimizer
  int n_trials = 8;                // of `selfcheck`, as below
  int n_steps = 0;                 // 0: the grid's own
  bool keep = false;
  bool watch = false;               // of `status`
  std::vector<std::string> claims;  // of `check`, as below: instead of the grid's
  bool list = false;
  int points = 25;                              // of `landscape`, as below: on each axis
  double range = 1.0;                           // each axis goes from -range to range
  int samples = 0;                              // 0: the whole training set
  int eigenvalues = 5;                          // of the Hessian
  std::optional<std::uint64_t> direction_seed;  // none: the trial's id
  bool embeddings = false;                      // do the embedding tables move?
};

// What the words ask for: Options, or something to say at once (help, version).
struct Request {
  std::optional<Options> options;
  std::string saying;
};

// Fails with a sentence, and the nearest valid word for a misspelt verb or option.
Result<Request> read_command_line(int argc, const char* const* argv);

}  // namespace attnlab

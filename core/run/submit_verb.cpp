// submit_verb.cpp: `attnlab submit GRID.yaml --out DIR --scheduler slurm|pbs`.
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>

#include "run/look.hpp"
#include "run/machine.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"
#include "run/submit.hpp"
#include "run/verbs.hpp"
#include "store/files.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

constexpr const char* mark = "# Made by `attnlab submit`";

// The words of `attnlab run` in the job.
std::vector<std::string> run_words(const Options& options) {
  std::vector<std::string> words = {"run", options.grid, "--out", options.out};
  for (const std::string& text : options.overrides) words.insert(words.end(), {"--set", text});
  for (const std::string& dir : options.plugin_folders) {
    words.insert(words.end(), {"--plugins", dir});
  }
  return words;
}

// Our own scripts are written anew; anything else of that name stays.
Result<Done> write_script(const fs::path& file, const std::string& text) {
  std::error_code code;
  if (fs::exists(file, code)) {
    std::stringstream old;
    old << std::ifstream(file).rdbuf();
    if (old.str().find(mark) == std::string::npos) {
      return Error{file.string(), "exists, and is no job script of attnlab",
                   "give --script another name"};
    }
  }
  // Half a script would be taken for somebody else's.
  if (auto written = write_safely(file, text); !written) return written;
  fs::permissions(file, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, code);
  return Done{};
}

// Hands the script to the scheduler, whose answer goes to stdout.
Result<Done> hand_in(Scheduler scheduler, const std::string& script) {
  const char* program = scheduler == Scheduler::slurm ? "sbatch" : "qsub";
  std::signal(SIGPIPE, SIG_IGN);  // a scheduler that does not read is told by its exit code
  std::FILE* pipe = popen(program, "w");
  int status = -1;
  if (pipe != nullptr) {
    std::fwrite(script.data(), 1, script.size(), pipe);
    status = pclose(pipe);
  }
  if (status == 0) return Done{};
  const bool missing = WIFEXITED(status) && WEXITSTATUS(status) == 127;
  return Error{program, missing ? "is not on this machine" : "did not take the job",
               missing ? "write the script with --script FILE and submit it from a login node"
                       : "its own words are above",
               Blame::machine};
}

Job job_of(const Options& options, const std::string& name) {
  Job job;
  job.scheduler = options.scheduler == "pbs" ? Scheduler::pbs : Scheduler::slurm;
  job.name = name;
  job.nodes = options.nodes;
  job.array = options.array;
  job.ranks = options.ranks;
  if (options.threads > 0) job.threads = options.threads;
  if (options.job_time > 0) job.time = options.job_time;
  job.partition = options.partition;
  job.account = options.account;
  job.folder = fs::current_path();
  job.program = executable().string();
  const fs::path supervise =
      executable().parent_path().parent_path() / "share/attnlab/launch/supervise";
  if (fs::exists(supervise)) job.supervisor = {supervise.string(), "--"};
  job.words = run_words(options);
  return job;
}

// The name of the grid, if it is right and could be trained.
Result<std::string> checked_name(const Options& options) {
  const auto read = read_plan(options.grid, options.overrides,
                              plugin_folders(options.plugin_folders, installed_plugins()));
  if (!read) return read.errors();
  // The nodes may have more memory than this machine: they judge that themselves.
  const auto examined = look_at_all(*read, options, std::numeric_limits<double>::infinity());
  if (!examined) return examined.errors();
  // What `attnlab run` would refuse later, on a machine that nobody looks at.
  if (auto usable = RunDirectory::may_open(options.out, read->plan); !usable)
    return usable.errors();
  return read->plan.grid().name;
}

}  // namespace

int submit_verb(const Options& options) {
  const auto name = checked_name(options);
  if (!name) return complain(name.errors());
  const Job job = job_of(options, *name);
  const auto script = job_script(job);
  if (!script) return complain(script.errors());
  if (!options.script.empty()) {
    if (auto written = write_script(options.script, *script); !written) {
      return complain(written.errors());
    }
  } else if (!options.now) {
    std::fputs(script->c_str(), stdout);
  }
  if (options.now) {
    if (auto taken = hand_in(job.scheduler, *script); !taken) return complain(taken.errors());
  }
  return 0;
}

}  // namespace attnlab

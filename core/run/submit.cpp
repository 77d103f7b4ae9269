// submit.cpp: fills in the template of the scheduler.
#include "run/submit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string_view>

#include "base/assert.hpp"
#include "run/submit_templates.hpp"

namespace attnlab {
namespace {

using Words = std::vector<std::string>;

bool is_plain(char c, std::string_view more) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         more.find(c) != std::string_view::npos;
}

bool all_plain(const std::string& text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) { return is_plain(c, more); });
}

// Each {{word}} of `text` by its value, once; values are not looked into.
std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  for (std::size_t begin = text.find("{{"); begin != std::string_view::npos;
       begin = text.find("{{")) {
    const std::size_t end = text.find("}}", begin);
    const auto value = values.find(std::string(text.substr(begin + 2, end - begin - 2)));
    ATTNLAB_ASSERT(value != values.end());
    out.append(text.substr(0, begin)).append(value->second);
    text.remove_prefix(end + 2);
  }
  return out.append(text);
}

constexpr const char* pbs_nodes = "$PBS_NODEFILE";  // the one word that the shell shall look into

// Which share the job trains; a PBS job that submitted itself again is no longer of the array.
std::string index_of_job(const Job& job) {
  if (job.scheduler == Scheduler::slurm) return "${SLURM_ARRAY_TASK_ID:?}";
  return "${ATTNLAB_SHARE:-${PBS_ARRAY_INDEX:?}}";
}

// With `threads` each rank is bound to that many cores; else it may use all of its node's, and
// `run` shares them evenly among the ranks it finds there.
Words mpirun_words(const Job& job, int ranks, int ranks_per_node) {
  Words words = {"mpirun", "-n", std::to_string(ranks)};
  if (job.scheduler == Scheduler::pbs) words.insert(words.end(), {"--hostfile", pbs_nodes});
  const std::string per_node = "ppr:" + std::to_string(ranks_per_node) + ":node";
  if (job.threads) {
    words.insert(words.end(), {"--map-by", per_node + ":PE=" + std::to_string(*job.threads),
                               "--bind-to", "core"});
  } else {
    words.insert(words.end(), {"--map-by", per_node, "--bind-to", "none"});
  }
  return words;
}

// The words of an array of bash, three lines: who watches, how ranks come alive, what they do.
std::string command(const Job& job, int ranks, int ranks_per_node) {
  const auto line = [](const Words& words) {
    std::string text = " ";
    for (const std::string& word : words) {
      text += ' ' + (word == pbs_nodes ? '"' + word + '"' : shell_word(word));
    }
    return text;
  };
  Words run = {job.program};
  run.insert(run.end(), job.words.begin(), job.words.end());
  if (job.threads) run.insert(run.end(), {"--threads", std::to_string(*job.threads)});
  if (job.scheduler == Scheduler::pbs && job.time) {  // PBS gives no warning of its own
    const long long limit = std::llround(*job.time) - seconds_of_warning(job.time);
    run.insert(run.end(), {"--time-limit", std::to_string(limit) + "s"});
  }
  std::string text = job.supervisor.empty() ? "" : line(job.supervisor) + '\n';
  text += line(mpirun_words(job, ranks, ranks_per_node)) + '\n';
  text += line(run);
  if (job.array > 0)
    text += " --share \"" + index_of_job(job) + "/" + std::to_string(job.array) + '"';
  return text;
}

std::string slurm_directives(const Job& job) {
  std::string lines;
  const auto add = [&](const std::string& words) { lines += "#SBATCH " + words + '\n'; };
  if (job.threads) {
    add("--cpus-per-task=" + std::to_string(*job.threads));
    add("--hint=nomultithread");
  } else {
    add("--exclusive");
  }
  if (job.array > 0) add("--array=1-" + std::to_string(job.array));
  if (job.time) add("--time=" + slurm_time(*job.time));
  if (!job.partition.empty()) add("--partition=" + job.partition);
  if (!job.account.empty()) add("--account=" + job.account);
  return lines;
}

std::string pbs_directives(const Job& job) {
  std::string lines;
  const auto add = [&](const std::string& words) { lines += "#PBS " + words + '\n'; };
  if (job.array > 0) add("-J 1-" + std::to_string(job.array));
  if (job.time) add("-l walltime=" + pbs_time(*job.time));
  if (!job.partition.empty()) add("-q " + job.partition);
  if (!job.account.empty()) add("-A " + job.account);
  return lines;
}

// How a PBS job submits itself again: one of an array alone, with its number.
std::string again(const Job& job) {
  if (job.array == 0) return "qsub \"$0\"";
  return "sed '/^#PBS -J /d' \"$0\" | qsub -v ATTNLAB_SHARE=\"" + index_of_job(job) + "\"";
}

Errors mistakes_of(const Job& job, int ranks) {
  Errors errors;
  if (ranks % job.nodes != 0) {
    const int fewer = ranks / job.nodes * job.nodes;
    errors.push_back({"--ranks",
                      std::to_string(ranks) + " ranks do not divide evenly among " +
                          std::to_string(job.nodes) + " nodes",
                      "write --ranks " + (fewer > 0 ? std::to_string(fewer) + " or " : "") +
                          std::to_string(fewer + job.nodes)});
  }
  if (job.time && *job.time < 60) {
    errors.push_back({"--time", "a job of less than a minute would be stopped before it begins",
                      "write 1m or more"});
  }
  for (const auto& [option, name] :
       {std::pair{"--partition", &job.partition}, std::pair{"--account", &job.account}}) {
    if (!all_plain(*name, "_-.,:@+/")) {
      errors.push_back({option, "'" + *name + "' is no name that a scheduler knows",
                        "write letters, digits and _ - . , : @ + /"});
    }
  }
  return errors;
}

}  // namespace

Result<std::string> job_script(const Job& job) {
  const int ranks = job.ranks.value_or(job.nodes);
  if (Errors errors = mistakes_of(job, ranks); !errors.empty()) return errors;
  const int ranks_per_node = ranks / job.nodes;
  const bool slurm = job.scheduler == Scheduler::slurm;
  return filled(slurm ? slurm_template : pbs_template,
                {{"name", job.name},
                 {"nodes", std::to_string(job.nodes)},
                 {"ranks_per_node", std::to_string(ranks_per_node)},
                 {"cpus_per_node", std::to_string(ranks_per_node * job.threads.value_or(1))},
                 {"place", job.threads ? "scatter" : "scatter:excl"},
                 {"directives", slurm ? slurm_directives(job) : pbs_directives(job)},
                 {"lead", std::to_string(seconds_of_warning(job.time))},
                 {"again", again(job)},
                 {"folder", shell_word(job.folder.string())},
                 {"command", command(job, ranks, ranks_per_node)}});
}

long long seconds_of_warning(const std::optional<double>& time) {
  return std::clamp(std::llround(time.value_or(1e9) / 10), 10LL, 120LL);
}

std::string slurm_time(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  char text[64];
  std::snprintf(text, sizeof text, "%lld-%02lld:%02lld:%02lld", whole / 86400, whole / 3600 % 24,
                whole / 60 % 60, whole % 60);
  return text;
}

std::string pbs_time(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  char text[64];
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                whole % 60);
  return text;
}

std::string shell_word(const std::string& word) {
  if (!word.empty() && all_plain(word, "_-.,:@+/=%")) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace attnlab

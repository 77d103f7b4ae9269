// program.cpp: which verb, on which ranks. Under mpirun only rank 0 speaks, and all end together.
#include "run/program.hpp"

#include <cstdio>
#include <map>

#include "comm/start.hpp"
#include "run/early.hpp"
#include "run/machine.hpp"
#include "run/options.hpp"
#include "run/run.hpp"
#include "run/speak.hpp"
#include "run/stop.hpp"
#include "run/streams.hpp"
#include "run/verbs.hpp"

namespace attnlab {
namespace {

using Verb = int (*)(const Options&);
const std::map<std::string, Verb> verbs = {
    {"plan", plan_verb},       {"plugins", plugins_verb}, {"status", status_verb},
    {"explain", explain_verb}, {"merge", merge_verb},     {"verify", verify_verb},
    {"check", check_verb},     {"report", report_verb},   {"submit", submit_verb},
    {"new", new_verb},         {"replay", replay_verb},   {"selfcheck", selfcheck_verb}};

// As one would type it again.
std::string command_line(int argc, char** argv) {
  std::string line = "attnlab";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    line +=
        ' ' + (word.find_first_of(" '\"\\$*?[]{}()<>|&;#~`!") == std::string::npos && !word.empty()
                   ? word
                   : quoted(word));
  }
  return line;
}

int speak(const Result<Request>& request) {
  if (!request) return complain(request.errors());
  if (!request->options) {
    std::fputs(request->saying.c_str(), stdout);
    return delivered(0);
  }
  return delivered(verbs.at(request->options->verb)(*request->options));
}

}  // namespace

int program(int argc, char** argv) {
  const double began = steady_seconds();
  secure_streams();
  const std::string line = command_line(argc, argv);
  const auto request = read_command_line(argc, argv);
  const bool runs = request && request->options && request->options->verb == "run";
  if (runs) {
    listen_to_signals();
    nothing_to_lose(true);  // nothing is written yet
  }
  const auto early = runs ? begin_early(*request->options, installed_plugins()) : nullptr;
  auto comm = start_comm(argc, argv);
  if (!comm) return complain(comm.errors());
  if (runs) return run_grid(*std::move(comm), *request->options, *early, began, line);
  const bool maps = request && request->options && request->options->verb == "landscape";
  if (maps) return delivered(landscape_verb(**comm, *request->options, line));
  const int code = (*comm)->rank() == 0 ? speak(request) : 0;
  return static_cast<int>((*comm)->maximum(code));
}

}  // namespace attnlab

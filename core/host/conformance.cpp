// conformance.cpp: the child in which a plugin is tried, and what it tells.
#include "host/conformance.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace attnlab {
namespace {

constexpr std::chrono::seconds deadline{60};

// A value for an option that must be given; null for a path, which must lead somewhere.
Settings stand_in(const Option& option) {
  const double number = std::clamp(1.0, option.minimum, option.maximum);
  switch (option.type) {
    case OptionType::integer: return static_cast<std::int64_t>(std::ceil(number));
    case OptionType::real: return number;
    case OptionType::boolean: return false;
    case OptionType::choice: return option.choices.front();
    case OptionType::text: return "";
    case OptionType::value: return Settings::object();
    case OptionType::path: break;
  }
  return nullptr;
}

Conformance check(const Plugins& plugins) {
  const PluginDescription& plugin = plugins.catalogue().front();
  Settings given{{"plugin", plugin.name}};
  for (const Option& option : plugin.options) {
    if (option.fallback) continue;
    given[option.name] = stand_in(option);
    if (given[option.name].is_null()) {
      return {{"describes itself"}, {}, {"the rest: it wants a file as '" + option.name + "'"}};
    }
  }
  switch (plugin.kind) {
    case PluginKind::task: return check_task(plugins, given);
    case PluginKind::kernel: return check_kernel(plugins, given);
    case PluginKind::optimizer: return check_optimizer(plugins, given);
  }
  return {};
}

// One line a promise: '+' kept, '-' broken, '?' not tried.
void write_lines(int pipe, const Conformance& conformance) {
  std::string text;
  const auto line = [&](char sign, std::string what) {
    for (char& c : what) {
      if (c == '\n') c = ' ';
    }
    text += sign + what + '\n';
  };
  for (const std::string& kept : conformance.kept) line('+', kept);
  for (const Error& broken : conformance.broken) line('-', broken.what);
  for (const std::string& untried : conformance.untried) line('?', untried);
  text += ".\n";  // said all
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(pipe, text.data() + at, text.size() - at);
    if (n <= 0) return;
    at += static_cast<std::size_t>(n);
  }
}

// What comes out of the pipe until it closes; false if the deadline passed first.
bool read_all(int pipe, std::string& out) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + deadline;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd waiting{pipe, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) return false;
    char buffer[4096];
    const ssize_t n = ::read(pipe, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

Result<Conformance> check_conformance(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    return Error{file.string(), "there is no such file", "give the .so file of one plugin"};
  }
  const auto plugins = Plugins::scan({file});
  if (!plugins) return plugins.errors();
  if (!plugins->refused().empty()) return plugins->refused();

  int ends[2];
  if (::pipe(ends) != 0) return Error{"", std::strerror(errno), "", Blame::machine};
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return Error{"", std::strerror(errno), "", Blame::machine};
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends[0]);
    for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL})
      std::signal(signal, SIG_DFL);
    write_lines(ends[1], check(*plugins));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  const bool in_time = read_all(ends[0], said);
  ::close(ends[0]);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;

  Conformance out;
  bool finished = false;
  for (std::size_t at = 0; at < said.size();) {
    const std::size_t end = std::min(said.find('\n', at), said.size());
    const std::string line = said.substr(at, end - at);
    if (line == ".")
      finished = true;
    else if (line.starts_with('+'))
      out.kept.push_back(line.substr(1));
    else if (line.starts_with('-'))
      out.broken.push_back({file.string(), line.substr(1), ""});
    else if (line.starts_with('?'))
      out.untried.push_back(line.substr(1));
    at = end + 1;
  }
  if (!in_time) {
    out.broken.push_back({file.string(), "it did not come back within 60 s", ""});
  } else if (WIFSIGNALED(status)) {
    const char* const name = ::sigabbrev_np(WTERMSIG(status));
    out.broken.push_back(
        {file.string(), "it crashed with SIG" + std::string(name != nullptr ? name : "?"), ""});
  } else if (!finished) {
    out.broken.push_back({file.string(), "it ended the process", ""});
  }
  return out;
}

std::string to_text(const Conformance& conformance) {
  std::string text;
  for (const std::string& kept : conformance.kept) text += "ok      " + kept + "\n";
  for (const Error& broken : conformance.broken) text += "BROKEN  " + broken.what + "\n";
  for (const std::string& untried : conformance.untried) text += "untried " + untried + "\n";
  return text;
}

}  // namespace attnlab

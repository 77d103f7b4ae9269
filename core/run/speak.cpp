// speak.cpp: one line a sentence, flushed at once, so that ranks do not cut each other's lines.
#include "run/speak.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace attnlab {
namespace {
constexpr std::array by_severity = {0, exit_failures, exit_stopped, exit_user, exit_machine};
}

void note(const std::string& text) {
  const std::string line = text + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

void warn(const std::string& text) { note("warning: " + text); }

int complain(const Errors& errors) {
  int code = exit_user;
  for (const Error& error : errors) {
    // A sentence with a place begins with it, as compilers do: editors jump there.
    note((error.where.empty() ? "error: " : "") + sentence(error));
    if (error.blame == Blame::machine) code = exit_machine;
  }
  return code;
}

int severity(int code) {
  return static_cast<int>(std::ranges::find(by_severity, code) - by_severity.begin());
}

int code_of_severity(int severity) { return by_severity.at(static_cast<std::size_t>(severity)); }

}  // namespace attnlab

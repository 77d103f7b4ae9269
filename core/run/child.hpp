// child.hpp: another program, started, watched and ended by this one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace attnlab {

class Child {
 public:
  // Runs words[0], looked for in PATH, with stdout and stderr in `log`; `environment` is added to
  // ours. It is killed when we die.
  static Result<Child> start(const std::vector<std::string>& words,
                             const std::filesystem::path& log,
                             const std::vector<std::pair<std::string, std::string>>& environment);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  // kills it if it still runs

  // Its exit code, 128 + signal if one ended it; none while it runs.
  std::optional<int> ended();
  int wait();
  void kill();  // SIGKILL, and waits for its end

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;  // -1: not ours any more
  std::optional<int> code_;
};

// Where PATH finds `program`; empty: nowhere.
std::filesystem::path in_path(const std::string& program);

}  // namespace attnlab

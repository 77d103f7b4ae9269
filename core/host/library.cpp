// library.cpp: dlopen, and the child that takes the blow of a file that cannot be loaded safely.
#include "host/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <thread>

#include "base/hash.hpp"
#include "host/admit.hpp"
#include "host/kept_arithmetic.hpp"

namespace attnlab {
namespace {

constexpr int good_order = 83;  // an exit status that exit(0) in a constructor does not give

[[noreturn]] void load_and_leave(const std::filesystem::path& file,
                                 std::optional<PluginKind> expected) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTERM, SIGINT, SIGUSR1}) {
    std::signal(signal, SIG_DFL);  // the program's own handlers are not for this child
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  static_cast<void>(load(file, expected));
  ::_exit(good_order);
}

Error stopped(const std::filesystem::path& file, const std::string& how) {
  return {file.string(), "refused: the plugin " + how + " while it was loaded",
          "mend it, or take the file away"};
}

}  // namespace

Result<Loaded> load(const std::filesystem::path& file, std::optional<PluginKind> expected) {
  const auto refuse = [&](const std::string& why, const std::string& mend = "") {
    return Error{file.string(), "refused: " + why, mend};
  };
  const KeptArithmetic kept;  // -ffast-math puts code into the file that runs while it is loaded
  void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed
  if (handle == nullptr) {
    const char* const why = ::dlerror();
    return refuse("it cannot be loaded: " + clean_text(why),
                  "a library or symbol it needs is missing, or it is built for another machine");
  }
  void* const symbol = ::dlsym(handle, "attnlab_plugin_entry");
  if (symbol == nullptr) {
    return refuse("it exports no attnlab_plugin_entry, so it is no plugin",
                  "declare the entry as attnlab/plugin.h does");
  }
  const attnlab_plugin* plugin = nullptr;
  try {
    plugin = reinterpret_cast<const attnlab_plugin* (*)()>(symbol)();
  } catch (const std::exception& e) {
    return refuse("attnlab_plugin_entry threw an exception: " + clean_text(e.what()));
  } catch (...) {
    return refuse("attnlab_plugin_entry threw an exception");
  }
  Result<PluginDescription> admitted = admit(plugin, file, expected);
  if (!admitted) return admitted.errors();
  Result<std::string> hash = sha256_of_file(file);
  if (!hash) return hash.errors();
  admitted->file = file.string();
  admitted->sha256 = *hash;
  return Loaded{*std::move(admitted), plugin};
}

Result<Done> try_in_child(const std::filesystem::path& file, std::optional<PluginKind> expected,
                          std::chrono::milliseconds deadline) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) {
    return Error{file.string(),
                 std::string("no child could be started to try it: ") + std::strerror(errno), "",
                 Blame::machine};
  }
  if (child == 0) load_and_leave(file, expected);

  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + deadline;
  auto pause = std::chrono::microseconds(100);
  int status = 0;
  while (true) {
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child) break;
    if (done < 0 && errno != EINTR) {
      return Error{file.string(),
                   std::string("the child that tried it was lost: ") + std::strerror(errno), "",
                   Blame::machine};
    }
    if (Clock::now() >= end) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      const double seconds = std::chrono::duration<double>(deadline).count();
      char text[64];
      std::snprintf(text, sizeof text, "did not come back within %g s", seconds);
      return stopped(file, text);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(5000));
  }
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* const name = ::sigabbrev_np(signal);
    return stopped(file, "crashed with SIG" + std::string(name != nullptr ? name : "?"));
  }
  if (WEXITSTATUS(status) != good_order) {
    return stopped(file, "ended the process (status " + std::to_string(WEXITSTATUS(status)) + ")");
  }
  return Done{};
}

}  // namespace attnlab

// stop.cpp: a handler sets a flag; everything else happens in the training loop.
#include "run/stop.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <limits>

#include "run/speak.hpp"

namespace attnlab {
namespace {

// A handler has no arguments of ours: these three are the process's, as its signals are.
volatile sig_atomic_t heard = 0;
volatile sig_atomic_t free_to_go = 0;
timespec heard_at{};

void leave() {
  static constexpr char sentence[] = "attnlab: stopped by a signal; the same command continues\n";
  [[maybe_unused]] const auto n = write(STDERR_FILENO, sentence, sizeof sentence - 1);
  _exit(exit_stopped);
}

void on_signal(int number) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (heard == 0) {
    heard_at = now;
    heard = number;
    if (free_to_go != 0) leave();
    return;
  }
  // timeout(1) signals the process and then its group; a person's second signal comes later than
  // that.
  const double since = static_cast<double>(now.tv_sec - heard_at.tv_sec) +
                       1e-9 * static_cast<double>(now.tv_nsec - heard_at.tv_nsec);
  if (since > 0.1) leave();
}

}  // namespace

void listen_to_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaction(number, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int signal_heard() { return heard; }

void nothing_to_lose(bool so) {
  free_to_go = so ? 1 : 0;
  if (so && heard != 0) leave();
}

Patience patience(double process_began, double time_limit) {
  if (time_limit == std::numeric_limits<double>::infinity()) return {time_limit, 4.0};
  const double margin = std::min(0.5 * time_limit, std::clamp(0.1 * time_limit, 0.8, 5.0));
  return {process_began + time_limit - margin, 0.5 * margin};
}

double seconds_to_stop(int signal) { return signal == SIGTERM ? 0.5 : 4.0; }

}  // namespace attnlab

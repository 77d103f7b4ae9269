// stop.hpp: signals and the time limit: when to stop, and how long the stop may take.
#pragma once

namespace attnlab {

// From now on TERM, INT and USR1 ask for a stop in good order, and a second of them (not the echo
// of the first, which launchers send twice) ends the process at once with exit code 75. SIGPIPE
// becomes an error of the call that meets it.
void listen_to_signals();
int signal_heard();  // the first one; 0: none yet

// While nothing could be lost (before anything is written, after everything is closed) the first
// signal ends the process at once.
void nothing_to_lose(bool so);

// When to stop by the clock, and how long running trials may take to reach the end of a step.
struct Patience {
  double stop_at;         // steady seconds
  double after_deadline;  // seconds
};
Patience patience(double process_began, double time_limit);
double seconds_to_stop(int signal);  // TERM is the one-second version

}  // namespace attnlab

// last_words.hpp: what this process notes down when a trial that it trains itself kills it, for the
// next run to read (store/crash_marks).
#pragma once

#include <filesystem>

#include "run/slots.hpp"

namespace attnlab {

// From now on, a fatal signal of this process's own (SEGV, ABRT, BUS, FPE, ILL) and an exit inside
// a trial write a line into `file` and a sentence to stderr; then the process dies as it would have
// (an exit with code 70). A signal that another process sent is none of its own. `slots` must
// outlive the process's last trial. Call once, after MPI_Init, which has handlers of its own.
void leave_last_words(const std::filesystem::path& file, const TrialSlots& slots);

}  // namespace attnlab

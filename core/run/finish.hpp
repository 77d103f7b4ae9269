// finish.hpp: the end of a run: results.h5, DONE, and what the person who started it wants to know.
#pragma once

#include <memory>
#include <string>

#include "comm/comm.hpp"
#include "run/prepare.hpp"
#include "run/training.hpp"

namespace attnlab {

// Rank 0, when all segments are closed; `code` is how the training went. Answers the exit code of
// the run.
int finish(const Prepared& prepared, int code, const std::string& command_line);

// What /provenance says of this program and this run.
RunFacts facts(const Catalogue& catalogue, const std::string& command_line);

// Ends MPI and the process while threads are still busy with trials that will not be kept.
[[noreturn]] void leave_at_once(std::unique_ptr<Comm> comm, int code);

}  // namespace attnlab

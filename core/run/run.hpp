// run.hpp: the verb `run`: a grid file in, a run directory with results out.
#pragma once

#include <memory>

#include "comm/comm.hpp"
#include "run/early.hpp"
#include "run/options.hpp"

namespace attnlab {

// Every rank calls it; all get the same exit code (contract section 2). `process_began`: steady
// seconds.
int run_grid(std::unique_ptr<Comm> comm, const Options& options, Early& early, double process_began,
             const std::string& command_line);

}  // namespace attnlab

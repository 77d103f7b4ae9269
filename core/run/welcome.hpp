// welcome.hpp: what is about to happen, and with how many cores.
#pragma once

#include "comm/comm.hpp"
#include "run/options.hpp"
#include "run/prepare.hpp"

namespace attnlab {

// Every rank calls it; rank 0 prints, on stderr. Warns of threads without cores.
void welcome(Comm& comm, const Prepared& prepared, const Options& options);

}  // namespace attnlab

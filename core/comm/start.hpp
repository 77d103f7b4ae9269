// start.hpp: how this process learns which rank it is.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "comm/comm.hpp"

namespace attnlab {

// Was this process started by mpirun, srun or the like? Read from the environment alone.
bool under_mpi();

// The ranks this process belongs to: those of mpirun, or itself alone when nobody launched it (MPI is not touched then, so
// nothing of it can fail or hang). MPI ends with the object. Fails when MPI does not start.
Result<std::unique_ptr<Comm>> start_comm(int& argc, char**& argv);

}  // namespace attnlab

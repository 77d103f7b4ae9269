// start.cpp: MPI when a launcher is there, a single rank otherwise.
#include "comm/start.hpp"

#include <array>
#include <cstdlib>

#include "comm/mpi_comm.hpp"
#include "comm/solo_comm.hpp"

namespace attnlab {

bool under_mpi() {
  // Open MPI; PMIx (srun --mpi=pmix, prrte); PMI-1/2 (MPICH, srun --mpi=pmi2). SLURM's own variables are no sign: they are
  // set in a batch script too, where nobody answers MPI_Init.
  static constexpr std::array signs = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  for (const char* sign : signs) {
    if (std::getenv(sign) != nullptr) return true;
  }
  return false;
}

Result<std::unique_ptr<Comm>> start_comm(int& argc, char**& argv) {
  if (!under_mpi()) return std::unique_ptr<Comm>(std::make_unique<SoloComm>());
  return MpiComm::start(argc, argv);
}

}  // namespace attnlab

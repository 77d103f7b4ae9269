// mpi_comm.hpp: ranks of an MPI job. All calls come from the main thread (MPI_THREAD_FUNNELED).
#pragma once

#include <memory>

#include "base/result.hpp"
#include "comm/comm.hpp"

namespace attnlab {

// Waiting never spins: a rank that waits leaves its core to those that train. An error of MPI in mid-run is told in a
// sentence and ends the whole job with exit code 3.
class MpiComm : public Comm {
 public:
  static Result<std::unique_ptr<Comm>> start(int& argc, char**& argv);  // MPI_Init; once a process
  ~MpiComm() override;  // waits until everything sent has left, then MPI_Finalize
  MpiComm(const MpiComm&) = delete;
  MpiComm& operator=(const MpiComm&) = delete;

  int rank() const override;
  int size() const override;
  void send(int to, int tag, std::span<const std::int64_t> words) override;
  std::optional<Message> poll() override;
  std::string broadcast(std::string text) override;
  std::vector<std::int64_t> gather(std::int64_t word) override;
  std::int64_t maximum(std::int64_t word) override;

 private:
  struct Inside;
  explicit MpiComm(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace attnlab

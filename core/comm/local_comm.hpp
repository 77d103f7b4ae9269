// local_comm.hpp: several ranks in one process, one a thread. For tests.
#pragma once

#include <memory>

#include "comm/comm.hpp"

namespace attnlab {

// Send and poll never block, so one thread may play all ranks; broadcast, gather and maximum wait for the others and want a
// thread a rank. Messages of one rank to another arrive in their order.
class LocalWorld {
 public:
  explicit LocalWorld(int n_ranks);
  ~LocalWorld();
  std::unique_ptr<Comm> rank(int number);  // must not outlive the world

  struct Inside;

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace attnlab

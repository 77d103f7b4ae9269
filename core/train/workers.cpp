// workers.cpp: the arena in which trials run, and arithmetic that is the same on every machine.
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <Eigen/Core>
#include <algorithm>

#include "train/train.hpp"

namespace attnlab {

struct Workers::Inside {
  explicit Inside(int n)
      : n_threads(n),
        // The main thread never works in the arena, so all its n places are for workers.
        limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(n) + 1),
        arena(n, 0) {}
  int n_threads;
  tbb::global_control limit;
  tbb::task_arena arena;
};

Workers::Workers(int n_threads) : inside_(std::make_unique<Inside>(std::max(n_threads, 1))) {}
Workers::~Workers() = default;

void Workers::start(std::function<void()> job) { inside_->arena.enqueue(std::move(job)); }

int Workers::n_threads() const { return inside_->n_threads; }

// L1, L2 and L3 of an ordinary core. Eigen cuts its products by them, and where it cuts decides the
// order of the sums.
void fix_arithmetic() { Eigen::setCpuCacheSizes(32 * 1024, 1024 * 1024, 8 * 1024 * 1024); }

}  // namespace attnlab

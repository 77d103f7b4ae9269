// race.cpp: a data race on purpose, or the same sum without one, to see that ThreadSanitizer looks.
//
//   race shared      two blocks of a parallel_for add into one number: the mistake that a slot per
//                    block (core/train) avoids
//   race slots       a slot per block, added after the join: no race
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

namespace {

constexpr int n_blocks = 2;

// Waits until every block runs, each on a thread of its own. Relaxed, so that it orders nothing:
// an ordered meeting would hide the race.
bool meet(std::atomic<int>& n_here) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  n_here.fetch_add(1, std::memory_order_relaxed);
  while (n_here.load(std::memory_order_relaxed) < n_blocks) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

int main(int n_words, char** words) {
  const std::string how = n_words == 2 ? words[1] : "";
  if (how != "shared" && how != "slots") {
    std::fputs("race: write race shared, or race slots\n", stderr);
    return 2;
  }
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, n_blocks);
  std::array<double, n_blocks> partial{};
  std::array<bool, n_blocks> met{};
  std::atomic<int> n_here = 0;
  tbb::parallel_for(
      0, n_blocks,
      [&](int block) {
        const auto own = static_cast<std::size_t>(block);
        met[own] = meet(n_here);
        partial[how == "shared" ? 0 : own] += block + 1.0;
      },
      tbb::simple_partitioner{});
  if (!met[0] || !met[1]) {
    std::fputs("race: the blocks did not run side by side\n", stderr);
    return 3;
  }
  std::printf("%g\n", partial[0] + partial[1]);
  return 0;
}

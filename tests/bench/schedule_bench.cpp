// schedule_bench.cpp: what handing out costs a trial. The promise is below 20 us; see the counter `us_per_trial`.
#include <benchmark/benchmark.h>

#include <numeric>

#include "comm/local_comm.hpp"
#include "schedule/coordinator.hpp"
#include "schedule/worker.hpp"

namespace {
using namespace attnlab;

// All ranks in one thread; trials that take no time.
void hand_out(benchmark::State& state) {
  const auto n_ranks = static_cast<int>(state.range(0));
  const auto n = static_cast<std::size_t>(state.range(1));
  std::vector<Index> trials(n);
  std::iota(trials.begin(), trials.end(), Index{0});
  const std::vector<double> costs(n, 1e6);
  for (auto _ : state) {
    const WorkList work(trials, costs);
    LocalWorld world(n_ranks);
    Coordinator coordinator(work, n_ranks);
    std::vector<std::unique_ptr<Comm>> comms;
    std::vector<Worker> workers;
    for (int r = 0; r < n_ranks; ++r) {
      comms.push_back(world.rank(r));
      workers.emplace_back(work, r, n_ranks);
    }
    std::size_t n_trained = 0;
    while (n_trained < n) {
      for (std::size_t r = 0; r < workers.size(); ++r) {
        while (const auto message = comms[r]->poll()) {
          if (word_of(*message) == Word::ask) {
            for (const Letter& letter : coordinator.on(*message)) send(*comms[r], letter);
          } else {
            workers[r].on(*message);
          }
        }
        if (workers[r].next()) ++n_trained;
        if (const auto letter = workers[r].ask(1)) send(*comms[r], *letter);
      }
    }
    benchmark::DoNotOptimize(n_trained);
  }
  state.counters["us_per_trial"] = benchmark::Counter(
      static_cast<double>(n) * static_cast<double>(state.iterations()) / 1e6,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(hand_out)->Args({1, 100000})->Args({4, 100000})->Args({64, 100000})->Unit(benchmark::kMillisecond);

}  // namespace

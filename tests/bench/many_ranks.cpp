// many_ranks.cpp: simulated runs of the real schedule on up to 100000 ranks: efficiency with and
// without leaders.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "schedule/simulate.hpp"

namespace {
using namespace attnlab;

// Uniform in [0, 1), a function of i only (splitmix64).
double noise(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

}  // namespace

// many_ranks SERVICE_US LATENCY_US TRIALS_A_RANK MOST_RANKS: trials take 0.75 to 1.25 times their
// mean, which the schedule does not know; nodes of 64 ranks.
int main(int argc, char** argv) {
  const auto number = [&](int i, double otherwise) {
    return argc > i ? std::atof(argv[i]) : otherwise;
  };
  const MessageTimes times{.latency = number(2, 1000) * 1e-6, .service = number(1, 5) * 1e-6};
  const double each = number(3, 50);
  std::printf("question %.0f us, %.1f us of its answerer, %.0f trials a rank\n",
              times.latency * 1e6, times.service * 1e6, each);
  std::printf("%8s %8s %12s %12s\n", "ranks", "trial", "flat", "leaders");
  for (int n_ranks = 100; n_ranks <= number(4, 1e5); n_ranks *= 10) {
    const auto n = static_cast<std::size_t>(n_ranks * each);
    std::vector<Index> trials(n);
    std::iota(trials.begin(), trials.end(), Index{0});
    const WorkList work(trials, std::vector<double>(n, 1e9));
    std::vector<std::int64_t> machines;
    for (int r = 0; r < n_ranks; ++r) machines.push_back(r / 64);
    const Nodes nodes = choose_nodes(machines, true);
    for (const double mean : {1.0, 0.1, 0.01}) {
      std::vector<double> seconds(n);
      for (std::size_t i = 0; i < n; ++i) seconds[i] = mean * (0.75 + 0.5 * noise(i));
      const SimulatedRun flat = simulate(work, seconds, n_ranks, {1, 1}, times);
      const SimulatedRun led = simulate(work, seconds, n_ranks, {1, 1}, times, nodes);
      std::printf("%8d %6.0f ms %10.1f %% %10.1f %%\n", n_ranks, mean * 1e3,
                  100 * flat.efficiency(), 100 * led.efficiency());
      std::fflush(stdout);
    }
  }
}

// simulate_test.cpp: runs whose length one can work out by hand, and bounds that hold for all.
#include "schedule/simulate.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace attnlab {
namespace {

SimulatedRun run(const std::vector<double>& seconds, int n_ranks, Width width = {1, 1},
                 double latency = 0) {
  std::vector<Index> trials(seconds.size());
  std::iota(trials.begin(), trials.end(), Index{0});
  std::vector<double> costs;
  for (const double s : seconds) costs.push_back(s * 1e9);
  return simulate(WorkList(trials, costs), seconds, n_ranks, width, {.latency = latency});
}

// Lengths between 1 and 100, in no order.
std::vector<double> mixed(std::size_t n) {
  std::vector<double> seconds(n);
  for (std::size_t i = 0; i < n; ++i) seconds[i] = 1 + static_cast<double>((i * 37 + 11) % 100);
  return seconds;
}

TEST(Simulate, OneRankTrainsEverythingInTurn) {
  const SimulatedRun one = run({3, 1, 2}, 1);
  EXPECT_DOUBLE_EQ(one.makespan, 6);
  EXPECT_DOUBLE_EQ(one.busy, 6);
  EXPECT_DOUBLE_EQ(one.efficiency(), 1);
}

TEST(Simulate, EqualTrialsShareEvenly) {
  const std::vector<double> seconds(16, 5.0);
  EXPECT_DOUBLE_EQ(run(seconds, 4).makespan, 20);
  EXPECT_DOUBLE_EQ(run(seconds, 2, {2, 1}).makespan, 20);
  EXPECT_DOUBLE_EQ(run(seconds, 3).makespan, 30);  // six rounds for one of the three
}

TEST(Simulate, TheLongestTrialBoundsTheRun) {
  const SimulatedRun two = run({100, 1, 1, 1}, 2);
  EXPECT_DOUBLE_EQ(two.makespan, 100);
  EXPECT_DOUBLE_EQ(two.lower_bound, 100);
}

TEST(Simulate, MoreRanksThanTrialsIsNoHarm) {
  const SimulatedRun many = run({2, 2}, 50);
  EXPECT_DOUBLE_EQ(many.makespan, 2);
  EXPECT_EQ(many.rank_finished.size(), 50u);
}

TEST(Simulate, AnEmptyRunTakesNoTime) {
  EXPECT_EQ(run({}, 4).makespan, 0);
  EXPECT_EQ(run({}, 4).efficiency(), 1);
}

TEST(Simulate, EveryTrialIsTrainedOnceAndNoBoundIsBroken) {
  for (const int n_ranks : {1, 2, 5, 16, 64}) {
    for (const int at_once : {1, 3}) {
      const std::vector<double> seconds = mixed(500);
      const SimulatedRun all = run(seconds, n_ranks, {at_once, 1}, 1e-4);
      EXPECT_NEAR(all.busy, std::accumulate(seconds.begin(), seconds.end(), 0.0), 1e-6);
      EXPECT_GE(all.makespan, all.lower_bound * (1 - 1e-12));
      EXPECT_GT(all.efficiency(), 0.8) << n_ranks << " ranks, " << at_once << " at once";
    }
  }
}

TEST(Simulate, SlowAnswersCostTime) {
  const std::vector<double> seconds = mixed(200);
  EXPECT_GT(run(seconds, 8, {1, 1}, 50).makespan, run(seconds, 8, {1, 1}, 0).makespan);
}

TEST(Simulate, LeadersSpareABusyCoordinator) {
  constexpr int n_ranks = 2000;
  const std::vector<double> seconds(std::size_t{n_ranks} * 20, 0.01);
  std::vector<Index> trials(seconds.size());
  std::iota(trials.begin(), trials.end(), Index{0});
  std::vector<std::int64_t> machines(n_ranks);
  for (std::size_t r = 0; r < machines.size(); ++r) machines[r] = static_cast<std::int64_t>(r / 50);
  const WorkList work(trials, seconds);
  const MessageTimes slow{.latency = 1e-4, .service = 5e-5};
  const SimulatedRun flat = simulate(work, seconds, n_ranks, {1, 1}, slow);
  const SimulatedRun led =
      simulate(work, seconds, n_ranks, {1, 1}, slow, choose_nodes(machines, false));
  EXPECT_NEAR(led.busy, flat.busy, 1e-6);
  EXPECT_GT(led.efficiency(), 1.2 * flat.efficiency());
}

TEST(Simulate, ASmallNodeGetsNoMoreThanItsPart) {
  constexpr int n_ranks = 10 * 64 + 16;
  const std::vector<double> seconds(std::size_t{n_ranks} * 50, 1.0);
  std::vector<Index> trials(seconds.size());
  std::iota(trials.begin(), trials.end(), Index{0});
  std::vector<std::int64_t> machines(n_ranks);
  for (std::size_t r = 0; r < machines.size(); ++r) machines[r] = static_cast<std::int64_t>(r / 64);
  const SimulatedRun led = simulate(WorkList(trials, seconds), seconds, n_ranks, {1, 1},
                                    {.latency = 1e-3}, choose_nodes(machines, false));
  EXPECT_GT(led.efficiency(), 0.95);
}

TEST(Simulate, TheSameArgumentsGiveTheSameAnswer) {
  const SimulatedRun a = run(mixed(300), 7, {2, 1}, 0.01), b = run(mixed(300), 7, {2, 1}, 0.01);
  EXPECT_EQ(a.makespan, b.makespan);
  EXPECT_EQ(a.rank_finished, b.rank_finished);
}

}  // namespace
}  // namespace attnlab

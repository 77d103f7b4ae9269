// handing_out_test.cpp: coordinator and workers play whole runs; every trial is trained once, in
// whatever order messages arrive.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "comm/local_comm.hpp"
#include "schedule/coordinator.hpp"
#include "schedule/worker.hpp"

namespace attnlab {
namespace {

struct Player {
  std::unique_ptr<Comm> comm;
  Worker worker;
  std::map<Index, int> running;  // trial -> turns that it still takes
  Tally tally{};
  bool said_goodbye = false;
};

struct Play {
  std::map<Index, int> trained;
  int n_turns = 0;
  Tally told;
};

WorkList random_work(Index n, std::mt19937& chance) {
  std::vector<Index> trials;
  std::vector<double> costs;
  for (Index i = 0; i < n; ++i) {
    trials.push_back(i);
    costs.push_back(std::pow(2.0, static_cast<double>(chance() % 8)));
  }
  return {trials, costs};
}

// All ranks in one thread; in each turn a random rank reads its mail and trains a little.
// `stop_at`: in this turn `stopper` is told to stop.
Play play(const WorkList& work, int n_ranks, std::mt19937& chance, int stop_at = -1,
          int stopper = 0) {
  LocalWorld world(n_ranks);
  Coordinator coordinator(work, n_ranks);
  std::vector<Player> players;
  for (int r = 0; r < n_ranks; ++r)
    players.push_back({world.rank(r), Worker(work, r, n_ranks), {}});
  Play result;
  int n_released = 0;
  for (; n_released < n_ranks && result.n_turns < 1'000'000; ++result.n_turns) {
    const auto r = static_cast<int>(chance() % static_cast<unsigned>(n_ranks));
    Player& me = players[static_cast<std::size_t>(r)];
    if (me.worker.released()) continue;
    if (result.n_turns >= stop_at && stop_at >= 0 && r == stopper && !me.worker.stop_reason() &&
        !me.said_goodbye) {
      me.worker.stop(75);
      me.running.clear();
      send(*me.comm, {0, Word::stop, {75}});
    }
    while (const auto message = me.comm->poll()) {
      const Word word = word_of(*message);
      // Rank 0 sends stop to itself too; from a worker it reaches the coordinator, from the
      // coordinator the worker.
      const bool to_coordinator = word == Word::ask || word == Word::tally ||
                                  word == Word::goodbye ||
                                  (word == Word::stop && r == 0 && !coordinator.stop_reason());
      if (to_coordinator) {
        for (const Letter& letter : coordinator.on(*message)) send(*me.comm, letter);
      } else {
        me.worker.on(*message);
        n_released += me.worker.released() ? 1 : 0;
      }
    }
    if (me.worker.stop_reason()) me.running.clear();
    while (me.running.size() < 2) {
      const auto trial = me.worker.next();
      if (!trial) break;
      me.running[*trial] = 1 + static_cast<int>(chance() % 4);
    }
    if (const auto letter = me.worker.ask(1)) send(*me.comm, *letter);
    for (auto it = me.running.begin(); it != me.running.end();) {
      if (--it->second > 0) {
        ++it;
        continue;
      }
      ++result.trained[it->first];
      ++me.tally.counts[0];
      it = me.running.erase(it);
    }
    if (me.worker.exhausted() && me.running.empty() && !me.said_goodbye) {
      me.said_goodbye = true;
      send(*me.comm, {0, Word::goodbye, {me.tally.counts.begin(), me.tally.counts.end()}});
    }
  }
  result.told = coordinator.tally();
  EXPECT_TRUE(coordinator.everyone_left());
  return result;
}

TEST(HandingOut, EveryTrialIsTrainedExactlyOnce) {
  for (const int n_ranks : {1, 2, 3, 8, 64}) {
    for (const Index n : {Index{0}, Index{1}, Index{7}, Index{64}, Index{1000}}) {
      for (unsigned seed = 0; seed < 5; ++seed) {
        std::mt19937 chance(seed);
        const WorkList work = random_work(n, chance);
        const Play result = play(work, n_ranks, chance);
        ASSERT_EQ(static_cast<Index>(result.trained.size()), n)
            << n_ranks << " ranks, seed " << seed;
        for (const auto& [trial, times] : result.trained) ASSERT_EQ(times, 1) << "trial " << trial;
        ASSERT_EQ(result.told.counts[0], n);
      }
    }
  }
}

TEST(HandingOut, AStopOfAnyRankSendsEveryoneHomeAndNothingIsTrainedTwice) {
  for (int stop_at = 0; stop_at < 60; stop_at += 7) {
    for (int stopper = 0; stopper < 4; ++stopper) {
      std::mt19937 chance(static_cast<unsigned>(stop_at));
      const WorkList work = random_work(500, chance);
      const Play result = play(work, 4, chance, stop_at, stopper);
      EXPECT_LT(result.trained.size(), 500U);
      for (const auto& [trial, times] : result.trained) ASSERT_EQ(times, 1);
      EXPECT_EQ(result.told.counts[0], static_cast<std::int64_t>(result.trained.size()));
    }
  }
}

TEST(Coordinator, GivesNothingAfterAStopAndKeepsTheFirstReason) {
  std::mt19937 chance(1);
  const WorkList work = random_work(100, chance);
  Coordinator coordinator(work, 2);
  EXPECT_EQ(coordinator.stop(3).size(), 2U);
  EXPECT_TRUE(coordinator.stop(75).empty());
  EXPECT_EQ(coordinator.stop_reason(), 3);
  const auto letters = coordinator.on({1, static_cast<int>(Word::ask), {}});
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].words[0], letters[0].words[1]);
}

TEST(Worker, AsksOnceUntilItIsAnsweredAndBeforeItRunsOut) {
  std::mt19937 chance(1);
  const WorkList work = random_work(100, chance);
  Worker worker(work, 0, 2);
  EXPECT_FALSE(worker.ask(1).has_value());  // its first share is still there
  while (worker.stored() > 1) worker.next();
  EXPECT_TRUE(worker.ask(1).has_value());
  EXPECT_FALSE(worker.ask(1).has_value());
  EXPECT_FALSE(worker.exhausted());
  worker.on({0, static_cast<int>(Word::chunk), {98, 100}});
  EXPECT_EQ(worker.stored(), 3);
  EXPECT_TRUE(worker.ask(3).has_value());
  worker.on({0, static_cast<int>(Word::chunk), {100, 100}});
  while (worker.next()) continue;
  EXPECT_TRUE(worker.exhausted());
}

}  // namespace
}  // namespace attnlab

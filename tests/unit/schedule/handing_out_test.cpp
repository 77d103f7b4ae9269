// handing_out_test.cpp: coordinator and workers play whole runs; every trial is trained once, in
// whatever order messages arrive.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "comm/local_comm.hpp"
#include "schedule/coordinator.hpp"
#include "schedule/leader.hpp"
#include "schedule/worker.hpp"

namespace attnlab {
namespace {

struct Player {
  std::unique_ptr<Comm> comm;
  Worker worker;
  std::optional<Leader> leader;
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
Play play(const WorkList& work, int n_ranks, std::mt19937& chance, const Nodes& nodes = {},
          int stop_at = -1, int stopper = 0) {
  LocalWorld world(n_ranks);
  Coordinator coordinator(work, n_ranks, nodes);
  std::vector<Player> players;
  for (int r = 0; r < n_ranks; ++r) {
    players.push_back({world.rank(r), Worker(work, r, n_ranks, nodes), {}, {}});
    if (nodes.leads(r)) players.back().leader.emplace(work, r, nodes);
  }
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
      send(*me.comm, me.worker.letter(Word::stop, {75}));
    }
    while (const auto message = me.comm->poll()) {
      std::vector<Letter> letters;
      switch (role_of(*message)) {
        case Role::coordinator: letters = coordinator.on(*message); break;
        case Role::leader: letters = me.leader->on(*message); break;
        case Role::worker: me.worker.on(*message); n_released += me.worker.released() ? 1 : 0;
      }
      for (const Letter& letter : letters) send(*me.comm, letter);
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
      send(*me.comm, me.worker.letter(Word::goodbye, me.tally.words()));
    }
  }
  result.told = coordinator.tally();
  EXPECT_TRUE(coordinator.everyone_left());
  return result;
}

// Nodes of `n_each` ranks, dealt round if `scattered`; 0: no leaders.
Nodes nodes_of(int n_ranks, int n_each, bool scattered = false) {
  if (n_each == 0) return {};
  const int n_nodes = (n_ranks + n_each - 1) / n_each;
  std::vector<std::int64_t> machines;
  for (int r = 0; r < n_ranks; ++r) machines.push_back(scattered ? r % n_nodes : r / n_each);
  return choose_nodes(machines, true);
}

TEST(HandingOut, EveryTrialIsTrainedExactlyOnceWithAndWithoutLeaders) {
  for (const int n_ranks : {1, 2, 3, 8, 64}) {
    for (const Index n : {Index{0}, Index{1}, Index{7}, Index{64}, Index{1000}}) {
      for (const int n_each : {0, 1, 2, 5, 64}) {
        for (unsigned seed = 0; seed < 3; ++seed) {
          std::mt19937 chance(seed);
          const WorkList work = random_work(n, chance);
          const Play result = play(work, n_ranks, chance, nodes_of(n_ranks, n_each, seed == 1));
          ASSERT_EQ(static_cast<Index>(result.trained.size()), n)
              << n_ranks << " ranks, nodes of " << n_each << ", seed " << seed;
          for (const auto& [trial, times] : result.trained)
            ASSERT_EQ(times, 1) << "trial " << trial;
          ASSERT_EQ(result.told.counts[0], n);
        }
      }
    }
  }
}

TEST(HandingOut, AStopOfAnyRankSendsEveryoneHomeAndNothingIsTrainedTwice) {
  for (const int n_each : {0, 2, 3}) {
    for (int stop_at = 0; stop_at < 60; stop_at += 7) {
      for (int stopper = 0; stopper < 4; ++stopper) {
        std::mt19937 chance(static_cast<unsigned>(stop_at));
        const WorkList work = random_work(500, chance);
        const Nodes nodes = nodes_of(4, n_each);
        const Play result = play(work, 4, chance, nodes, stop_at, stopper);
        EXPECT_LT(result.trained.size(), 500U);
        for (const auto& [trial, times] : result.trained) ASSERT_EQ(times, 1);
        EXPECT_EQ(result.told.counts[0], static_cast<std::int64_t>(result.trained.size()));
      }
    }
  }
}

TEST(Nodes, LeadersComeWithManyRanksOnSeveralMachines) {
  const std::vector<std::int64_t> one_machine(2000, 7);
  EXPECT_FALSE(choose_nodes(one_machine, false).has_leaders());
  const std::vector<std::int64_t> few{1, 2, 1, 2};
  EXPECT_FALSE(choose_nodes(few, false).has_leaders());
  EXPECT_EQ(choose_nodes(few, true).leader_of, (std::vector<int>{0, 1, 0, 1}));
  std::vector<std::int64_t> many(2000);
  for (std::size_t r = 0; r < many.size(); ++r) many[r] = -static_cast<std::int64_t>(r / 100);
  const Nodes nodes = choose_nodes(many, false);
  EXPECT_EQ(nodes.leaders().size(), 20U);
  EXPECT_EQ(nodes.members_of(300).size(), 100U);
  EXPECT_EQ(nodes.superior_of(399), (Address{300, Role::leader}));
}

TEST(Leader, AsksOnceForAllThatWaitAndCutsWhatItGetsAmongThem) {
  std::mt19937 chance(1);
  const WorkList work = random_work(100, chance);
  Leader leader(work, 2, nodes_of(4, 2));
  const auto ask = [&](int from) { return leader.on({from, tag_of(Role::leader, Word::ask), {}}); };
  const auto first = ask(3);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].to, (Address{0, Role::coordinator}));
  EXPECT_EQ(first[0].words, (std::vector<std::int64_t>{2, 1}));
  EXPECT_TRUE(ask(2).empty());  // one question at a time
  const auto served = leader.on({0, tag_of(Role::leader, Word::chunk), {50, 60}});
  ASSERT_EQ(served.size(), 2U);
  EXPECT_EQ(served[0].to, (Address{3, Role::worker}));
  EXPECT_EQ(served[0].words[0], 50);
  EXPECT_EQ(served[1].to, (Address{2, Role::worker}));
  EXPECT_EQ(served[1].words[0], served[0].words[1]);
  EXPECT_EQ(ask(3).at(0).word, Word::chunk);  // from the pool
  leader.on({0, tag_of(Role::leader, Word::halt), {75}});
  const auto after = ask(2);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].words[0], after[0].words[1]);
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

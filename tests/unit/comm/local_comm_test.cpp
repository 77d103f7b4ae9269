// local_comm_test.cpp: what every Comm promises, on ranks that are threads.
#include "comm/local_comm.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "comm/solo_comm.hpp"
#include "comm/start.hpp"

namespace attnlab {
namespace {

template <class Play>
void on_ranks(int n, Play play) {
  LocalWorld world(n);
  std::vector<std::jthread> threads;
  for (int r = 0; r < n; ++r) {
    threads.emplace_back([&world, &play, r] { play(*world.rank(r)); });
  }
}

TEST(LocalComm, MessagesOfOneRankArriveInOrderAndKnowTheirSender) {
  LocalWorld world(3);
  const auto zero = world.rank(0), two = world.rank(2);
  EXPECT_FALSE(zero->poll().has_value());
  for (std::int64_t i = 0; i < 5; ++i) two->send(0, 7, std::vector<std::int64_t>{i, -i});
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto message = zero->poll();
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->from, 2);
    EXPECT_EQ(message->tag, 7);
    EXPECT_EQ(message->words, (std::vector<std::int64_t>{i, -i}));
  }
  EXPECT_FALSE(zero->poll().has_value());
}

TEST(LocalComm, CollectivesMeetAgainAndAgain) {
  on_ranks(4, [](Comm& comm) {
    for (int round = 0; round < 200; ++round) {
      const std::string text = comm.rank() == 0 ? std::string(static_cast<std::size_t>(round), 'x') : "?";
      EXPECT_EQ(comm.broadcast(text).size(), static_cast<std::size_t>(round));
      EXPECT_EQ(comm.maximum(comm.rank() * 10 + round), 30 + round);
      const auto words = comm.gather(comm.rank() - round);
      if (comm.rank() == 0) {
        EXPECT_EQ(words, (std::vector<std::int64_t>{-round, 1 - round, 2 - round, 3 - round}));
      } else {
        EXPECT_TRUE(words.empty());
      }
    }
  });
}

TEST(SoloComm, HearsItselfAndWaitsForNobody) {
  SoloComm comm;
  comm.send(0, 3, std::vector<std::int64_t>{5});
  const auto message = comm.poll();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->words, std::vector<std::int64_t>{5});
  EXPECT_FALSE(comm.poll().has_value());
  EXPECT_EQ(comm.maximum(4), 4);
  EXPECT_EQ(comm.broadcast("text"), "text");
}

TEST(Start, WithoutALauncherThereIsOneRankAndNoMpi) {
  for (const char* sign : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"}) unsetenv(sign);
  setenv("SLURM_PROCID", "0", 1);  // a batch script has this; it is no launcher
  int argc = 0;
  char** argv = nullptr;
  const auto comm = start_comm(argc, argv);
  ASSERT_TRUE(comm);
  EXPECT_EQ((*comm)->size(), 1);
  unsetenv("SLURM_PROCID");
}

}  // namespace
}  // namespace attnlab

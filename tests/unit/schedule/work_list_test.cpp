// work_list_test.cpp: portions of work, as one can work them out by hand.
#include "schedule/work_list.hpp"

#include <gtest/gtest.h>

#include <set>

namespace attnlab {
namespace {

WorkList list_of(const std::vector<double>& costs) {
  std::vector<Index> trials;
  for (std::size_t i = 0; i < costs.size(); ++i) trials.push_back(static_cast<Index>(i) + 100);
  return {trials, costs};
}

TEST(WorkList, StandsCostliestFirstAndKeepsTheOrderOfEqualCosts) {
  const WorkList work = list_of({2, 9, 2, 5});
  std::vector<Index> order;
  for (Index p = 0; p < work.size(); ++p) order.push_back(work.trial(p));
  EXPECT_EQ(order, (std::vector<Index>{101, 103, 100, 102}));
  EXPECT_DOUBLE_EQ(work.cost({0, 2}), 14);
}

TEST(WorkList, FirstSharesTakeHalfTheCostAndSpreadTheCostliest) {
  const WorkList equal = list_of(std::vector<double>(16, 3.0));
  EXPECT_EQ(equal.first_shared(2), 8);
  EXPECT_EQ(equal.first_share(1, 2), (std::vector<Index>{101, 103, 105, 107}));
  const WorkList two_giants = list_of({100, 100, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(two_giants.first_share(0, 2), std::vector<Index>{100});
  EXPECT_EQ(two_giants.first_share(1, 2), std::vector<Index>{101});
}

TEST(WorkList, FewerTrialsThanRanksGiveTheLastRanksNothing) {
  const WorkList work = list_of({1, 1});
  EXPECT_EQ(work.first_share(1, 4), std::vector<Index>{101});
  EXPECT_TRUE(work.first_share(2, 4).empty());
  EXPECT_EQ(work.next_chunk({work.first_shared(4), work.size()}, 4).size(), 0);
  EXPECT_EQ(list_of({}).first_shared(4), 0);
  EXPECT_TRUE(list_of({}).first_share(0, 4).empty());
}

TEST(WorkList, LaterPortionsShrinkToOneTrial) {
  const WorkList work = list_of(std::vector<double>(100, 2.0));
  EXPECT_EQ(work.next_chunk({60, work.size()}, 2), (Chunk{60, 70}));  // 40 left, 2R = 4
  EXPECT_EQ(work.next_chunk({70, work.size()}, 2), (Chunk{70, 77}));
  EXPECT_EQ(work.next_chunk({98, work.size()}, 2), (Chunk{98, 99}));
  EXPECT_EQ(work.next_chunk({100, work.size()}, 2), (Chunk{100, 100}));
}

TEST(WorkList, APortionIsMeasuredInCostNotInTrials) {
  const WorkList work = list_of({40, 10, 10, 10, 10, 10, 10, 10, 10});  // 120
  EXPECT_EQ(work.next_chunk({0, work.size()}, 2), (Chunk{0, 1}));       // 30: the giant alone
  EXPECT_EQ(work.next_chunk({1, work.size()}, 2), (Chunk{1, 3}));       // 80 / 4
}

TEST(WorkList, WhoAsksForManyGetsTheirPart) {
  const WorkList work = list_of(std::vector<double>(100, 1));
  EXPECT_EQ(work.next_chunk({0, 100}, 10, 4), (Chunk{0, 20}));
  EXPECT_EQ(work.next_chunk({0, 100}, 10, 10), (Chunk{0, 50}));
}

TEST(WorkList, APortionIsAtLeastWhatIsWantedAndAtMostWhatIsThere) {
  const WorkList work = list_of(std::vector<double>(100, 1));
  EXPECT_EQ(work.next_chunk({60, 100}, 2, 1, 15), (Chunk{60, 75}));
  EXPECT_EQ(work.next_chunk({60, 64}, 2, 1, 15), (Chunk{60, 64}));
  EXPECT_EQ(work.next_chunk({60, 64}, 2), (Chunk{60, 61}));
  EXPECT_EQ(work.next_chunk({64, 64}, 2, 1, 15).size(), 0);
}

TEST(WorkList, TravelsAsText) {
  const WorkList work = list_of({2, 9, 2, 5});
  const WorkList there = WorkList::decode(work.encode());
  ASSERT_EQ(there.size(), work.size());
  for (Index p = 0; p < work.size(); ++p) EXPECT_EQ(there.trial(p), work.trial(p));
  EXPECT_EQ(there.cost({0, 4}), work.cost({0, 4}));
  EXPECT_EQ(WorkList::decode(WorkList{}.encode()).size(), 0);
}

TEST(WorkList, FreeTrialsAreStillGivenOut) {
  const WorkList work = list_of({0, 0, 0, 0});
  std::multiset<Index> given;
  for (int r = 0; r < 2; ++r) {
    for (const Index t : work.first_share(r, 2)) given.insert(t);
  }
  Index begin = work.first_shared(2);
  while (begin < work.size()) {
    const Chunk chunk = work.next_chunk({begin, work.size()}, 2);
    for (Index p = chunk.begin; p < chunk.end; ++p) given.insert(work.trial(p));
    begin = chunk.end;
  }
  EXPECT_EQ(given, (std::multiset<Index>{100, 101, 102, 103}));
}

}  // namespace
}  // namespace attnlab

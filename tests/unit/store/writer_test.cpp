// writer_test.cpp: when a segment is due, and how swept values are spelled.
#include <chrono>
#include <thread>

#include "store/spelling.hpp"
#include "store_fixture.hpp"

namespace attnlab {
namespace {

using Writer = StoreTest;

TEST_F(Writer, CommitsWhenTheTimeHasComeAndNotBefore) {
  const RunDirectory run = open_run(made::outline(3));
  SegmentWriter out = writer(0, 30);
  ok(out.commit_if_due(50));
  ok(out.add(made::trial(0)));
  ok(out.commit_if_due(100));
  ok(out.commit_if_due(129));
  EXPECT_TRUE(files_in("segments", ".h5").empty());
  ok(out.commit_if_due(130));
  EXPECT_EQ(files_in("segments", ".h5").size(), 1u);
  ok(out.commit());
  EXPECT_EQ(files_in("segments", ".h5").size(), 1u) << "an empty segment is not written";
}

TEST_F(Writer, CommitsAtOnceWhenMuchIsWaiting) {
  const RunDirectory run = open_run(made::outline(3));
  SegmentWriter out = writer(0, 1e9);
  FinishedTrial trial = made::trial(0);
  trial.records.axes.push_back({"much", made::count(9 << 20), "much"});
  trial.records.series.push_back({"many", {"much"}, std::vector<double>(9 << 20), "many"});
  ok(out.add(std::move(trial)));
  EXPECT_EQ(files_in("segments", ".h5").size(), 1u);
}

TEST_F(Writer, NotesWhenATrialWasFinishedNotWhenItsSegmentWasClosed) {
  const RunDirectory run = open_run(made::outline(2));
  SegmentWriter out = writer();
  ok(out.add(made::trial(0)));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ok(out.add(made::trial(1)));
  ok(out.commit());
  std::vector<std::string> warnings;
  const auto entries = *read_journal(dir, warnings);
  EXPECT_GE(entries.at(made::trial(1).id).finished_at - entries.at(made::trial(0).id).finished_at,
            0.04);
}

TEST_F(Writer, WithoutItsFoldersIsTheMachine) {
  const auto made = SegmentWriter::create(dir, 0, 30);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.errors().front().blame, Blame::machine);
}

TEST(Spelling, OfNumbersAndTextIsYaml) {
  EXPECT_EQ(spelling("softmax"), "softmax");
  EXPECT_EQ(spelling("32"), "\"32\"");
  EXPECT_EQ(spelling("no"), "\"no\"");
  EXPECT_EQ(spelling("a: b"), "\"a: b\"");
  EXPECT_EQ(spelling("../data/a.tsv"), "../data/a.tsv");
  EXPECT_EQ(spelling("./größe"), "./größe");
  EXPECT_EQ(spelling(".5"), "\".5\"");
  EXPECT_EQ(spelling(".inf"), "\".inf\"");
  EXPECT_EQ(spelling("a\u2028b"), "\"a\u2028b\"");
  EXPECT_EQ(spelling("caf\xe9"), "\"caf\uFFFD\"");
  EXPECT_EQ(spelling(1e-5), "1.0e-05");
  EXPECT_EQ(spelling(true), "true");
  EXPECT_EQ(spelling(nullptr), "null");
  EXPECT_EQ(spelling({{"hidden", 4}, {"activation", "gelu"}}), "{activation: gelu, hidden: 4}");
  EXPECT_EQ(spelling(Settings::parse("[1, [2.5, \"x y\"]]")), "[1, [2.5, \"x y\"]]");
}

TEST(Spelling, OfAColumnIsTheNarrowestThatHoldsAll) {
  EXPECT_EQ(column_of({1, 2}).index(), 0u);
  EXPECT_EQ(std::get<1>(column_of({1, 0.5})), (std::vector<double>{1, 0.5}));
  EXPECT_EQ(std::get<2>(column_of({32, "full"})), (std::vector<std::string>{"32", "full"}));
  EXPECT_EQ(column_of({true, false}).index(), 2u);
}

}  // namespace
}  // namespace attnlab

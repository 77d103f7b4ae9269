// merge_test.cpp: what was written into segments comes out of results.h5, in the order of the grid.
#include <fcntl.h>

#include "store/content.hpp"
#include "store/gather.hpp"
#include "store/h5.hpp"
#include "store/reader.hpp"
#include "store/results.hpp"
#include "store_fixture.hpp"

namespace attnlab {
namespace {

using Merge = StoreTest;

TEST_F(Merge, PutsTrialsOfManySegmentsIntoTheOrderOfTheGrid) {
  const Outline outline = made::outline(12);
  const RunDirectory run = open_run(outline);
  write(6, 12, 2, 1);
  write(0, 6, 4, 0);
  ok(merge(dir, outline, made::facts(), {}));

  const auto table = read_table(dir / "results.h5");
  ASSERT_TRUE(table) << said(table.errors());
  ASSERT_EQ(table->rows.size(), 12u);
  for (Index n = 0; n < 12; ++n) {
    const TableRow& row = table->rows[static_cast<std::size_t>(n)];
    EXPECT_EQ(row.number, n);
    EXPECT_EQ(row.id, to_string(made::trial(n).id));
    EXPECT_EQ(row.error, made::trial(n).error);
    EXPECT_EQ(row.status, made::trial(n).status);
    if (n == 1) {
      EXPECT_TRUE(std::isnan(row.final_loss));
    } else {
      EXPECT_EQ(row.final_loss, made::loss(n, n == 2 ? 2 : 4));
    }
  }
  EXPECT_EQ(table->swept_names,
            (std::vector<std::string>{"optimizer.learning_rate", "model.attention.kernel.plugin",
                                      "task.dim", "seed"}));
  EXPECT_EQ(table->rows[3].swept,
            (std::vector<std::string>{"1e-05", "{degree: 2, plugin: polynomial}", "48", "10"}));
}

TEST_F(Merge, KeepsEveryNumberOfEverySeries) {
  const Outline outline = made::outline(12);
  const RunDirectory run = open_run(outline);
  write(0, 12, 5);
  ok(merge(dir, outline, made::facts(), {}));
  const h5::Handle file = h5::open_file(dir / "results.h5");
  const h5::Handle table = h5::open_group(file, "trials");
  const auto cohort = numbers_of<std::int32_t>(table, "cohort", h5::Kind::int32);
  const auto row = numbers_of<std::int64_t>(table, "row", h5::Kind::int64);
  EXPECT_EQ(cohort[0], 0);
  EXPECT_EQ(cohort[1], -1);
  EXPECT_EQ(row[1], -1);
  EXPECT_EQ(cohort[4], 1);
  for (Index n = 0; n < 12; ++n) {
    const auto i = static_cast<std::size_t>(n);
    if (cohort[i] < 0) continue;
    const h5::Handle group = h5::open_group(file, "cohorts/c" + std::to_string(cohort[i]));
    const Records made = made::trial(n).records;
    std::vector<double> loss(5);
    h5::read_rows(h5::open_dataset(group, "loss"), h5::Kind::float64, row[i], 1, loss.data());
    EXPECT_EQ(loss[1], made::loss(n, 1));
    const auto& weights = std::get<std::vector<float>>(made.series[2].values);
    std::vector<float> attention(weights.size());
    h5::read_rows(h5::open_dataset(group, "attention"), h5::Kind::float32, row[i], 1,
                  attention.data());
    EXPECT_EQ(attention, weights);
    const auto settings = h5::read_text(h5::open_dataset(group, "settings"), row[i], 1);
    EXPECT_EQ(settings.front(), to_yaml(made::settings(n)));
  }
}

TEST_F(Merge, GivesTheSameContentWhateverTheSegmentsWere) {
  const Outline outline = made::outline(12);
  std::vector<std::string> contents;
  for (const Index each : {1, 4, 100}) {
    dir = scratch / ("run" + std::to_string(each));
    const RunDirectory run = open_run(outline);
    write(each == 4 ? 5 : 0, 12, each, 1);
    if (each == 4) write(0, 5, 2, 0);
    const Judge judge = [](const Results& merged) -> Result<std::vector<ClaimRow>> {
      EXPECT_EQ(merged.texts("/trials/id")->size(), 12u);  // it sees what was merged
      return std::vector<ClaimRow>{{"two_phases", "0", "it holds", 1, 2.5, 1.0}};
    };
    ok(merge(dir, outline, made::facts(), judge));
    const h5::Handle file = h5::open_file(dir / "results.h5");
    contents.push_back(content_of(digests_of(file)));
  }
  EXPECT_EQ(contents[0], contents[1]);
  EXPECT_EQ(contents[0], contents[2]);
}

TEST_F(Merge, ListsOnlyWhatTheGridAsksForAndWhatIsFinished) {
  const RunDirectory run = open_run(made::outline(12));
  write(0, 8);
  Outline fewer = made::outline(12);
  fewer.ids.erase(fewer.ids.begin());  // trial 0 left the sweep
  fewer.swept.erase(fewer.swept.begin());
  ok(merge(dir, fewer, made::facts(), {}));
  const auto table = read_table(dir / "results.h5");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows.size(), 7u);
  EXPECT_EQ(table->rows[0].number, 0);
  EXPECT_EQ(table->rows[0].id, to_string(made::trial(1).id));
  const auto verdict = verify(dir / "results.h5");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->wrong, 0);
  EXPECT_EQ(verdict->missing, 4);
  EXPECT_FALSE(mark_done(dir));
  EXPECT_FALSE(is_done(dir));
}

TEST_F(Merge, OfNothingIsAMistakeOfTheCaller) {
  const Outline outline = made::outline(3);
  const RunDirectory run = open_run(outline);
  const auto merged = merge(dir, outline, made::facts(), {});
  ASSERT_FALSE(merged);
  EXPECT_NE(said(merged.errors()).find("nothing to merge"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dir / "results.h5"));
}

TEST_F(Merge, OfTrialsWithoutRecordsNamesTheTable) {
  const Outline outline = made::outline(2);
  const RunDirectory run = open_run(outline);
  write(1, 2);
  ok(merge(dir, outline, made::facts(), {}));
  const h5::Handle file = h5::open_file(dir / "results.h5");
  EXPECT_EQ(h5::text_attribute(file, "default"), "/trials/final_loss");
}

TEST_F(Merge, KeepsAxesOfLengthZero) {
  const Outline outline = made::outline(1);
  const RunDirectory run = open_run(outline);
  FinishedTrial trial = made::trial(0);
  trial.records.axes.push_back({"group", std::vector<std::string>{}, "group"});
  trial.records.series.push_back(
      {"group_loss", {"record", "group"}, std::vector<double>{}, "loss of a group"});
  SegmentWriter out = writer();
  ok(out.add(std::move(trial)));
  ok(out.commit());
  ok(merge(dir, outline, made::facts(), {}));
  EXPECT_EQ(verify(dir)->wrong, 0);
}

TEST_F(Merge, DoneIsWrittenWhenAllTrialsAreThere) {
  const Outline outline = made::outline(4);
  {
    const RunDirectory run = open_run(outline);
    write(0, 4);
    ok(merge(dir, outline, made::facts(), {}));
    ok(mark_done(dir));
    EXPECT_TRUE(is_done(dir));
  }
  { const RunDirectory again = open_run(outline); }
  EXPECT_TRUE(is_done(dir));
  { const RunDirectory more = open_run(made::outline(5)); }
  EXPECT_FALSE(is_done(dir)) << "a grid with more trials is not done";
}

TEST_F(Merge, ALocalFileLimitIsAnErrorOfTheMachineAndKeepsTheOldResults) {
  const Outline outline = made::outline(12);
  const RunDirectory run = open_run(outline);
  write(0, 6);
  ok(merge(dir, outline, made::facts(), {}));
  const std::string before = text_of(dir / "results.h5");
  write(6, 12);
  // A folder under the temporary name cannot be opened as a file.
  const auto temporary =
      temporary_of(dir / ("results.h5-" + host_name() + "-" + std::to_string(::getpid())));
  std::filesystem::create_directory(temporary);
  const auto merged = merge(dir, outline, made::facts(), {});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.errors().front().blame, Blame::machine);
  EXPECT_EQ(text_of(dir / "results.h5"), before);
  std::filesystem::remove(temporary);
}

}  // namespace
}  // namespace attnlab

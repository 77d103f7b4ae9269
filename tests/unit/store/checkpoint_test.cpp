// checkpoint_test.cpp: a checkpoint is what was saved, or a sentence that says why not.
#include "store/checkpoint.hpp"

#include "store_fixture.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public StoreTest {
 protected:
  CheckpointTest() { open_run(made::outline(5)); }
  CheckpointFile file(Index trial = 0, const std::string& build = "this build") {
    return CheckpointFile(dir, made::trial(trial).id, build);
  }
  // Why the file is not used.
  std::string refusal(const CheckpointFile& of) {
    const auto loaded = of.load();
    EXPECT_FALSE(loaded) << "it was taken";
    const std::string why = loaded ? "" : said(loaded.errors());
    EXPECT_NE(why.find(of.path().string()), std::string::npos) << why;
    EXPECT_NE(why.find("starts over"), std::string::npos) << why;
    return why;
  }
  const std::string bytes = std::string(
                                "\0\n{\xff"
                                "bits",
                                8) +
                            std::string(100'000, 'x');
};

TEST_F(CheckpointTest, GivesBackWhatWasSavedLast) {
  EXPECT_FALSE(file().load()->has_value());
  ok(file().save(7, 1, "older"));
  ok(file().save(12, 2, bytes));
  const auto loaded = file().load();
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->step, 12);
  EXPECT_EQ((*loaded)->attempts, 2);
  EXPECT_EQ((*loaded)->bytes, bytes);
  EXPECT_EQ(files_in("checkpoints", "").size(), 1u) << "a temporary file stayed";
  EXPECT_FALSE(file(1).load()->has_value());
}

TEST_F(CheckpointTest, EveryFlippedBitAndEveryCutIsSeen) {
  ok(file().save(7, 1, bytes.substr(0, 60)));
  const std::string good = text_of(file().path());
  for (std::size_t at = 0; at < good.size(); ++at) {
    flip(file().path(), at);
    EXPECT_NE(refusal(file()), "") << at;
    put(file().path(), good.substr(0, at));
    EXPECT_NE(refusal(file()), "") << at;
    put(file().path(), good);
  }
  put(file().path(), good + "x");
  EXPECT_NE(refusal(file()).find("damaged"), std::string::npos);
  put(file().path(), good);
  EXPECT_TRUE(file().load()->has_value());
}

TEST_F(CheckpointTest, OfAnotherTrialBuildOrFormatIsNotUsed) {
  ok(file(1).save(7, 1, bytes));
  fs::copy_file(file(1).path(), file(2).path());
  EXPECT_NE(refusal(file(2)).find("of the trial '" + to_string(made::trial(1).id)),
            std::string::npos);
  EXPECT_NE(refusal(file(1, "another build")).find("another build"), std::string::npos);
  std::string newer = text_of(file(1).path());
  newer.replace(newer.find(" 1 "), 3, " 2 ");
  put(file(1).path(), newer);
  EXPECT_NE(refusal(file(1)).find("another format"), std::string::npos);
}

TEST_F(CheckpointTest, GoesWhenItsTrialIsSafeAndNotBefore) {
  for (Index n : {0, 1, 2}) ok(file(n).save(7, 1, bytes));
  SegmentWriter out = writer();
  ok(out.add(made::trial(0)));
  ok(out.add(made::trial(3)));
  EXPECT_EQ(half_way_trials(dir).size(), 3u);
  ok(out.commit());
  EXPECT_FALSE(fs::exists(file(0).path()));
  EXPECT_TRUE(fs::exists(file(1).path()));
  EXPECT_TRUE(fs::exists(file(2).path()));
}

TEST_F(CheckpointTest, ThoseOfFinishedTrialsAndHalfWrittenOnesAreSweptWhenTheRunIsContinued) {
  write(0, 2);
  for (Index n : {1, 2}) ok(file(n).save(7, 1, bytes));
  put(temporary_of(file(2).path()), "half");
  open_run(made::outline(5));
  EXPECT_EQ(half_way_trials(dir), std::vector<TrialId>{made::trial(2).id});
  EXPECT_EQ(files_in("checkpoints", "").size(), 1u);
}

TEST_F(CheckpointTest, APlaceThatCannotBeWrittenIsNamedAndTheOldOneStays) {
  ok(file().save(7, 1, bytes));
  fs::create_directory(temporary_of(file().path()));  // root may write anywhere, but not into this
  const auto saved = file().save(9, 1, bytes);
  ASSERT_FALSE(saved);
  EXPECT_NE(said(saved.errors()).find(file().path().string()), std::string::npos);
  EXPECT_EQ((*file().load())->step, 7);
}

}  // namespace
}  // namespace attnlab

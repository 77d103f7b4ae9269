// trial_test.cpp: what a trial promises whatever it trains: the same bits on any number of threads,
// an ending for every fate.
#include "support/trial.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <cmath>
#include <condition_variable>
#include <mutex>

#include "train/evaluate.hpp"

namespace attnlab {
namespace {

using testing::Diary;
using testing::trial_settings;

// Large enough for several blocks: 8 samples of 32 tokens, two layers of width 64 and 64 x 4
// hidden.
Settings several_blocks(const char* precision) {
  Settings patch = Settings::parse(R"({
    "task": {"plugin": "cooccurrence", "dim": 64, "sequence_length": 32, "samples": 240,
             "distinct_random_tokens": false, "validation_samples": 24},
    "model": {"embedding": "learned", "dim": 64, "heads": 2, "key_dim": 32, "value_dim": 32, "layers": 2,
              "output_projection": true, "bias": true, "residual": true, "norm": "pre_layer", "dropout": 0.1,
              "attention": {"dropout": 0.2},
              "feed_forward": {"hidden": 256, "activation": "gelu"}, "readout": "mean"},
    "training": {"steps": 3, "batch": 100}})");
  patch["training"]["precision"] = precision;
  return trial_settings(patch);
}

class SameBits : public ::testing::TestWithParam<const char*> {};

TEST_P(SameBits, OnAnyNumberOfThreads) {
  const Settings settings = several_blocks(GetParam());
  Diary reference;
  ASSERT_EQ(testing::run(settings, reference, 1).error, "");
  ASSERT_EQ(reference.pages.size(), 4u);
  const tbb::global_control more(tbb::global_control::max_allowed_parallelism,
                                 8);  // than the machine may have cores
  for (const int n_threads : {2, 3, 4}) {
    Diary diary;
    tbb::task_arena arena(n_threads);
    arena.execute([&] { ASSERT_EQ(testing::run(settings, diary, n_threads).error, ""); });
    ASSERT_EQ(diary.pages.size(), reference.pages.size());
    for (std::size_t p = 0; p < diary.pages.size(); ++p) {
      EXPECT_EQ(diary.pages[p].loss, reference.pages[p].loss) << n_threads;
      EXPECT_EQ(diary.pages[p].validation_loss, reference.pages[p].validation_loss) << n_threads;
      EXPECT_EQ(diary.pages[p].entropy, reference.pages[p].entropy) << n_threads;
      EXPECT_EQ(diary.pages[p].parameters, reference.pages[p].parameters) << n_threads;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Precisions, SameBits, ::testing::Values("float32", "float64"));

TEST(Trial, TheTaskOfTheTestAboveIsCutIntoSeveralBlocks) {
  const Settings settings = several_blocks("float32");
  auto estimate = examine(settings, testing::built_plugins(), ".");
  ASSERT_TRUE(estimate) << sentence(estimate.errors().front());
  EXPECT_GT(n_blocks_of(100, estimate->flops / 400, estimate->parameters), 2);
}

TEST(Trial, LearnsPaperAsTask) {
  Diary diary(100);
  const Ending ending = testing::run(
      trial_settings({{"training", {{"steps", 2000}}}, {"optimizer", {{"learning_rate", 0.5}}}}),
      diary);
  EXPECT_EQ(ending.status, TrialStatus::done) << ending.error;
  EXPECT_EQ(ending.steps, 2000);
  EXPECT_LT(diary.pages.back().loss, 0.01 * diary.pages.front().loss);
  EXPECT_EQ(diary.pages.back().accuracy, 1.0);
}

TEST(Trial, GroupLossesWeighedByTheirSizesGiveTheLoss) {
  Diary diary;
  ASSERT_EQ(testing::run(trial_settings({{"training", {{"steps", 2}}}}), diary).error, "");
  for (const Diary::Page& page : diary.pages) {
    double sum = 0;
    for (const std::int32_t group : diary.groups)
      sum += page.group_loss.at(static_cast<std::size_t>(group));
    EXPECT_NEAR(sum / 12, page.loss, 1e-12);
  }
}

TEST(Trial, ADivergedOneKeepsItsHistoryAndSaysWhere) {
  Diary diary;
  const Ending ending =
      testing::run(trial_settings({{"training", {{"precision", "float32"}, {"steps", 500}}},
                                   {"optimizer", {{"learning_rate", 1e12}}}}),
                   diary);
  EXPECT_EQ(ending.status, TrialStatus::diverged);
  EXPECT_NE(ending.error.find("the loss is"), std::string::npos) << ending.error;
  EXPECT_LT(ending.steps, 500);
  ASSERT_EQ(diary.pages.size(), static_cast<std::size_t>(ending.steps + 1));
  EXPECT_TRUE(std::isfinite(diary.pages.front().loss));
  EXPECT_FALSE(std::isfinite(diary.pages.back().loss));
}

TEST(Trial, ALossBeyondEveryNumberDoesNotLookDone) {
  Diary diary(1000);  // the step of the divergence is not a recorded one
  const Ending ending =
      testing::run(trial_settings({{"training", {{"precision", "float32"}, {"steps", 500}}},
                                   {"optimizer", {{"learning_rate", 1e12}}}}),
                   diary);
  EXPECT_EQ(ending.status, TrialStatus::diverged);
  EXPECT_EQ(diary.pages.size(), 1u);
}

TEST(Trial, StopsWhenAsked) {
  class Stopper : public Diary {
   public:
    explicit Stopper(std::atomic<bool>& stop) : stop_(&stop) {}
    void at(StepView& view) override {
      Diary::at(view);
      if (view.step() == 7) *stop_ = true;
    }
    std::atomic<bool>* stop_;
  };
  std::atomic<bool> stop{false};
  Stopper diary(stop);
  const Ending ending = train(trial_settings(), testing::built_plugins(), ".", 1, stop, diary);
  EXPECT_TRUE(ending.stopped);
  EXPECT_EQ(ending.steps, 7);
}

TEST(Trial, FullLossIsThatOfTheWholeSetWhateverTheBatch) {
  const Settings patch = Settings::parse(
      R"({"training": {"batch": 5, "steps": 3}, "record": {"metrics": {"full_loss": true}}})");
  Diary batched, full;
  ASSERT_EQ(testing::run(trial_settings(patch), batched).error, "");
  ASSERT_EQ(testing::run(trial_settings(), full).error, "");
  EXPECT_NEAR(batched.pages[0].loss, full.pages[0].loss, 1e-14);
  EXPECT_NE(batched.pages[1].loss, full.pages[1].loss);
}

TEST(Trial, AWrongSettingIsAFailureWithASentence) {
  Diary diary;
  Ending ending =
      testing::run(trial_settings({{"optimizer", {{"learning_rate", {{"W_X", 1.0}}}}}}), diary);
  EXPECT_EQ(ending.status, TrialStatus::failed);
  EXPECT_NE(ending.error.find("W_X"), std::string::npos) << ending.error;
  EXPECT_TRUE(diary.pages.empty());
}

TEST(Trial, TheRateOfAMatrixMayBeZero) {
  Diary diary;
  ASSERT_EQ(
      testing::run(
          trial_settings({{"optimizer", {{"learning_rate", {{"W_Q", 0.0}, {"default", 0.1}}}}}}),
          diary)
          .error,
      "");
  EXPECT_EQ(diary.parameter(0, "W_Q"), diary.parameter(50, "W_Q"));
  EXPECT_NE(diary.parameter(0, "W_K"), diary.parameter(50, "W_K"));
}

TEST(Workers, RunAsManyJobsSideBySideAsTheyHaveThreads) {
  Workers workers(3);
  std::mutex mutex;
  std::condition_variable changed;
  int here = 0, gone = 0;
  for (int job = 0; job < 3; ++job) {
    workers.start([&] {
      std::unique_lock lock(mutex);
      ++here;
      changed.notify_all();
      changed.wait_for(lock, std::chrono::seconds(20),
                       [&] { return here == 3; });  // all three must be here at once
      gone += here == 3 ? 1 : 0;
      changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return gone == 3; }));
}

}  // namespace
}  // namespace attnlab

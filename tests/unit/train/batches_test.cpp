// batches_test.cpp: epochs cover every sample once; samples of one trial and of a cache are the
// same.
#include "train/batches.hpp"

#include <algorithm>

#include "support/trial.hpp"
#include "train/evaluate.hpp"
#include "train/task_cache.hpp"

namespace attnlab {
namespace {

using testing::built_plugins;
using testing::trial_settings;

std::shared_ptr<Source> source_of(const Settings& trial) {
  auto source = task_source(trial, built_plugins(), ".", nullptr);
  EXPECT_TRUE(source);
  return *source;
}

TEST(Batches, AnEpochHoldsEverySampleOnceAndItsLastBatchWhatIsLeft) {
  const Settings trial = trial_settings({{"training", {{"batch", 5}}}});  // 12 samples: 5 + 5 + 2
  auto source = source_of(trial);
  auto batches = Batches<double>::make(trial, *source);
  ASSERT_TRUE(batches);
  std::vector<std::vector<std::int64_t>> epochs;
  for (Index epoch = 0; epoch < 3; ++epoch) {
    std::vector<std::int64_t> seen;
    for (Index b = 0; b < 3; ++b) {
      const auto batch = batches->at(3 * epoch + b);
      ASSERT_TRUE(batch);
      EXPECT_EQ((*batch)->n, b < 2 ? 5 : 2);
      seen.insert(seen.end(), (*batch)->number.begin(), (*batch)->number.end());
    }
    epochs.push_back(seen);
    std::sort(seen.begin(), seen.end());
    for (std::int64_t i = 0; i < 12; ++i) EXPECT_EQ(seen.at(static_cast<std::size_t>(i)), i);
  }
  EXPECT_NE(epochs[0], epochs[1]);
}

TEST(Batches, ABatchHasTheTokensAndTargetsOfItsSamples) {
  const Settings trial = trial_settings({{"training", {{"batch", 5}}}});
  auto source = source_of(trial);
  auto batches = Batches<double>::make(trial, *source);
  ASSERT_TRUE(batches);
  const Samples<double>& all = batches->all();
  const Samples<double>& batch = **batches->at(7);
  const Batch<double> view =
      batch.batch(1, batch.n, source->task().shape());  // without its first sample
  for (Index i = 0; i < view.n_samples; ++i) {
    const auto number = static_cast<std::size_t>(view.sample_number[i]);
    EXPECT_EQ(view.target_ids[i], all.target_ids[number]);
    for (Index t = 0; t < 4; ++t) {
      EXPECT_EQ(view.tokens[view.first[i] + t],
                all.tokens[static_cast<std::size_t>(all.first[number] + t)]);
    }
  }
}

TEST(Batches, AnyStepMayBeAskedForFirst) {
  const Settings trial = trial_settings({{"training", {{"batch", 5}}}});
  auto source = source_of(trial);
  auto forward = Batches<float>::make(trial, *source), jump = Batches<float>::make(trial, *source);
  for (Index s = 0; s < 8; ++s) ASSERT_TRUE(forward->at(s));
  EXPECT_EQ((*forward->at(8))->number, (*jump->at(8))->number);
}

TEST(Batches, ABatchLargerThanTheSetIsTheSet) {
  const Settings trial = trial_settings({{"training", {{"batch", 100}}}});
  auto source = source_of(trial);
  auto batches = Batches<double>::make(trial, *source);
  ASSERT_TRUE(batches);
  EXPECT_EQ((*batches->at(0))->n, 12);
}

TEST(Blocks, TheirNumberFollowsFromSizesAndStaysInBounds) {
  EXPECT_EQ(n_blocks_of(60, 1e5, 1000), 1);
  EXPECT_EQ(n_blocks_of(8, 1e9, 1000), 8);
  EXPECT_EQ(n_blocks_of(1000, 1e8, 1000), 64);
  EXPECT_EQ(n_blocks_of(1000, 1e8, Index{1} << 30),
            2);  // adding gradients must not outweigh the work
  EXPECT_EQ(n_blocks_of(1000, 1e12, Index{1} << 30), 8);  // nor fill the memory
}

}  // namespace
}  // namespace attnlab

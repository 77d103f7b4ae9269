// pass_test.cpp: what a pass promises besides its gradient: no allocation, no trace of the batch,
// snapshots, right answers.
#include <cmath>
#include <cstdlib>
#include <limits>

#include "unit/model/models.hpp"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 1
namespace {
thread_local long n_allocations = 0;
}
extern "C" void* __libc_malloc(std::size_t);
extern "C" void* __libc_memalign(std::size_t, std::size_t);
extern "C" void* malloc(std::size_t n) {
  ++n_allocations;
  return __libc_malloc(n);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t n) {
  ++n_allocations;
  return __libc_memalign(alignment, n);
}
#endif

namespace attnlab {
namespace {

const char* const encoder =
    R"({"dim": 6, "heads": 2, "layers": 3, "positions": "learned", "norm": "pre_layer",
    "residual": true, "dropout": 0.3, "attention": {"dropout": 0.25}, "feed_forward": {"hidden": 5}, "readout": "tokens",
    "head": {"hidden": 5, "activation": "relu"}})";
const char* const paper_a =
    R"({"embedding": "one_hot", "key_dim": 128, "output_projection": false, "bias": false,
    "head": {"hidden": 256, "activation": "identity", "second_layer": "fixed_signs"}})";
const char* const simple =
    R"({"dim": 6, "heads": 2, "attention": {"mask": "causal"}, "head": {"classes": "from_task"}})";

Case words() {
  return {"words", settings(encoder, "cross_entropy"), token_task(TargetKind::token)};
}

// A batch of sample i of `made` alone; pointers still count from the whole.
template <class S>
Batch<S> only(const Made<S>& made, std::size_t i, bool per_token) {
  Batch<S> b = made.batch();
  b.n_samples = 1;
  b.first += i;
  b.sample_number += i;
  if (!per_token) b.target_ids += i;
  return b;
}

#ifdef COUNTS_ALLOCATIONS
TEST(Pass, AllocatesNothing) {
  Case large = words();
  large.lengths = std::vector<Index>(40, 6);
  for (const Case& c :
       {words(), large, Case{"paper_a", settings(paper_a, "logistic"), token_task()},
        Case{"simple", settings(simple, "logistic"), token_task()}}) {
    auto made = make<double>(c);
    auto single = make<float>(c);
    std::vector<double> gradient(static_cast<std::size_t>(made.layout.n_trained), 0.0);
    std::vector<float> rough(gradient.size(), 0.0f);
    const auto batch = made.batch();
    const auto batch_single = single.batch();
    const long before = n_allocations;
    const auto ours = made.model.pass(batch, made.parameters.data(), std::span<double>(gradient),
                                      1.0, true, 3, *made.space);
    const auto other = single.model.pass(batch_single, single.parameters.data(),
                                         std::span<float>(rough), 1.0, true, 3, *single.space);
    EXPECT_EQ(n_allocations, before) << c.name;
    EXPECT_TRUE(ours && other);
  }
}
#endif

TEST(Pass, ASampleAnswersTheSameAloneDropoutIncluded) {
  auto made = make<double>(words());
  loss_at(made, true);
  const auto all = made.model.outputs(*made.space);
  const std::vector<double> together(all.begin(), all.end());
  for (std::size_t i = 0; i < 3; ++i) {
    const auto one = only(made, i, true);
    ASSERT_TRUE(made.model.pass(one, made.parameters.data(), {}, 1.0, true, 3, *made.space));
    const auto alone = made.model.outputs(*made.space);
    for (std::size_t j = 0; j < alone.size(); ++j)
      EXPECT_NEAR(alone[j], together[static_cast<std::size_t>(made.first[i]) * 7 + j], 1e-12);
  }
}

TEST(Pass, UpToTheAttentionHasTheSameMaps) {
  for (const Case& c : {words(), Case{"paper_a", settings(paper_a, "logistic"), token_task()}}) {
    auto made = make<double>(c);
    const auto map_of_sample = [&](Index i) {
      std::vector<double> out(static_cast<std::size_t>(made.shape.layers * made.shape.heads * 36));
      EXPECT_TRUE(made.model.attention(made.batch(), i, 6, *made.space, std::span<double>(out)));
      for (double& weight : out) weight = std::isnan(weight) ? -1 : weight;  // padding
      return out;
    };
    loss_at(made, false);
    const auto first = map_of_sample(0), last = map_of_sample(2);
    const auto other = only(made, 1, false);
    loss_at(made, true);  // leaves other queries and keys behind
    ASSERT_TRUE(made.model.pass_to_attention(other, made.parameters.data(), *made.space));
    ASSERT_TRUE(made.model.pass_to_attention(made.batch(), made.parameters.data(), *made.space));
    EXPECT_EQ(map_of_sample(0), first) << c.name;
    EXPECT_EQ(map_of_sample(2), last) << c.name;
  }
}

TEST(Pass, DropoutChangesWithTheStepAndIsOffWithoutTraining) {
  auto made = make<double>(words());
  const auto at = [&](bool training, Index step) {
    return made.model
        .pass(made.batch(), made.parameters.data(), {}, 1.0, training, step, *made.space)
        ->loss;
  };
  EXPECT_EQ(at(true, 3), at(true, 3));
  EXPECT_NE(at(true, 3), at(true, 4));
  EXPECT_EQ(at(false, 3), at(false, 4));
  EXPECT_NE(at(true, 3), at(false, 3));
}

TEST(Pass, AWorkspaceWithoutBackwardAnswersTheSameBits) {
  auto made = make<double>(words());
  std::vector<double> gradient(static_cast<std::size_t>(made.layout.n_trained), 0.0);
  const double loss = loss_at(made, false, std::span<double>(gradient));
  const auto before = made.model.outputs(*made.space);
  const std::vector<double> expected(before.begin(), before.end());
  const auto lean = made.model.workspace(3, made.n_tokens(), 5, false);
  const auto result =
      made.model.pass(made.batch(), made.parameters.data(), {}, 1.0, false, 0, *lean);
  EXPECT_EQ(result->loss, loss);
  const auto got = made.model.outputs(*lean);
  EXPECT_EQ(std::vector<double>(got.begin(), got.end()), expected);
}

TEST(Pass, CountsAndSharesItsLossOutToTheSamples) {
  auto made = make<double>(words());
  std::vector<double> loss(3);
  std::vector<std::int8_t> correct(3);
  const auto r = made.model.pass(made.batch(), made.parameters.data(), {}, 1.0, false, 0,
                                 *made.space, loss.data(), correct.data());
  EXPECT_EQ(r->n_terms, 9);  // ten tokens, one of them without a target
  EXPECT_NEAR(r->loss, 3 * loss[0] + 1 * loss[1] + 5 * loss[2], 1e-12);
  EXPECT_GE(r->n_correct, 0);
  EXPECT_LE(r->n_correct, 9);
}

TEST(Pass, AnAnswerThatIsNotANumberIsWrong) {
  for (const char* loss : {"logistic", "cross_entropy"}) {
    auto made = make<double>({"simple", settings(simple, loss), token_task()});
    for (double& p : made.parameters) p = std::numeric_limits<double>::quiet_NaN();
    const auto r =
        made.model.pass(made.batch(), made.parameters.data(), {}, 1.0, false, 0, *made.space);
    EXPECT_TRUE(std::isnan(r->loss));
    EXPECT_EQ(r->n_correct, 0);
    EXPECT_EQ(r->n_terms, 3);
  }
}

TEST(Pass, RightAnswersAreThoseWithTheSignOfTheTarget) {
  auto made = make<double>({"simple", settings(simple, "logistic"), token_task()});
  std::vector<std::int8_t> correct(3);
  const auto r = made.model.pass(made.batch(), made.parameters.data(), {}, 1.0, false, 0,
                                 *made.space, nullptr, correct.data());
  Index right = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const bool same = (made.model.outputs(*made.space)[i] > 0) == (made.target_ids[i] > 0);
    EXPECT_EQ(correct[i], same ? 1 : 0);
    right += same ? 1 : 0;
  }
  EXPECT_EQ(r->n_correct, right);
}

TEST(Snapshot, HasRowsOfOneZerosForPaddedKeysAndNoNumberForPaddedQueries) {
  auto made = make<double>({"simple", settings(simple, "logistic"), token_task(), {4, 1, 5}});
  loss_at(made, false);
  std::vector<float> w(2 * 6 * 6);
  ASSERT_TRUE(made.model.attention(made.batch(), 0, 6, *made.space, w));
  std::vector<double> entropy(2, 0.0), expected(2, 0.0);
  const auto n = made.model.entropy(made.batch(), 0, *made.space, entropy);
  EXPECT_EQ(*n, 4);
  for (std::size_t h = 0; h < 2; ++h) {
    for (std::size_t q = 0; q < 6; ++q) {
      const float* row = w.data() + (h * 6 + q) * 6;
      double sum = 0;
      for (std::size_t k = 0; k < 6; ++k) {
        if (q >= 4) {
          EXPECT_TRUE(std::isnan(row[k]));
          continue;
        }
        if (k > q) {
          EXPECT_EQ(row[k], 0.0f);
        }
        sum += row[k];
        if (row[k] > 0) expected[h] -= row[k] * std::log(row[k]);
      }
      if (q < 4) {
        EXPECT_NEAR(sum, 1.0, 1e-6);
      }
    }
    EXPECT_NEAR(entropy[h], expected[h], 1e-5);
  }
  const Index n_one = *made.model.entropy(made.batch(), 1, *made.space, entropy);
  EXPECT_EQ(n_one, 1);
  EXPECT_NEAR(entropy[0], expected[0], 1e-5);  // a token that sees itself alone adds nothing
}

TEST(Snapshot, OfManyTokensIsLookedAtInBlocksOfQueries) {
  TaskShape task = token_task();
  task.max_tokens = 150;
  auto made = make<double>({"long", settings(simple, "logistic"), task, {150, 70}});
  loss_at(made, false);
  std::vector<float> w(2 * 150 * 150);
  ASSERT_TRUE(made.model.attention(made.batch(), 0, 150, *made.space, w));
  for (std::size_t q = 0; q < 300; ++q) {
    const std::size_t at = q % 150;
    double sum = 0;
    for (std::size_t k = 0; k < 150; ++k) sum += w[q * 150 + k];
    EXPECT_NEAR(sum, 1.0, 1e-5);
    EXPECT_GT(w[q * 150 + at], 0.0f);
    if (at + 1 < 150) {
      EXPECT_EQ(w[q * 150 + at + 1], 0.0f);
    }
  }
}

TEST(Snapshot, HasOneQueryIfOnlyTheLastAsks) {
  auto made = make<double>({"last",
                            settings(R"({"dim": 6, "attention": {"queries": "last"},
      "head": {"classes": "from_task"}})",
                                     "logistic"),
                            token_task()});
  loss_at(made, false);
  std::vector<float> w(6);
  ASSERT_TRUE(made.model.attention(made.batch(), 2, 6, *made.space, w));
  EXPECT_NEAR(w[0] + w[1] + w[2] + w[3] + w[4], 1.0f, 1e-6f);
  EXPECT_EQ(w[5], 0.0f);
}

TEST(Size, GrowsWithTheModel) {
  const Case c = words();
  auto made = make<double>(c);
  const TrialSize size = trial_size(made.shape, made.layout, c.task);
  EXPECT_EQ(size.parameters, made.layout.n);
  EXPECT_GT(size.flops_per_sample,
            2.0 * 3 * 6 * 3 * (4 * 36 + 2 * 30));  // forward alone, attention left out
  EXPECT_GT(size.workspace_bytes, 8.0 * 6 * 6 * 3);
}

}  // namespace
}  // namespace attnlab

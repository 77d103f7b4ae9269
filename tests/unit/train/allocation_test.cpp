// allocation_test.cpp: a training step allocates nothing. Counts every operator new of this
// program.
#include <atomic>
#include <cstdlib>
#include <new>

#include "support/trial.hpp"

namespace {
std::atomic<long> n_allocations{0};

void* counted(std::size_t n, std::size_t alignment) {
  n_allocations.fetch_add(1, std::memory_order_relaxed);
  void* const p = alignment <= alignof(std::max_align_t)
                      ? std::malloc(n)
                      : std::aligned_alloc(alignment, (n + alignment - 1) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(std::size_t n) { return counted(n, 1); }
void* operator new(std::size_t n, std::align_val_t alignment) {
  return counted(n, static_cast<std::size_t>(alignment));
}
// Nothing may stay with the library's operator new, whose storage std::free does not know.
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  n_allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(n);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace attnlab {
namespace {

// Allocations between the second and the last step, of which nothing else is recorded. The first
// two make room, the second for what an optimizer that asks for gradients may have to take back.
class Counter : public Observer {
 public:
  void begin(const TrialView&) override {}
  bool wants(std::int64_t step) const override {
    if (step == 2) first = n_allocations.load();
    if (step > 1) latest = n_allocations.load();
    return false;
  }
  void at(StepView&) override {}
  mutable long first = 0, latest = 0;
};

long allocations_of(const Settings& settings) {
  Counter counter;
  const Ending ending = testing::run(settings, counter);
  EXPECT_EQ(ending.error, "");
  EXPECT_GT(counter.first, 0);
  return counter.latest - counter.first;
}

TEST(Allocation, NoneInAFullBatchStep) { EXPECT_EQ(allocations_of(testing::trial_settings()), 0); }

TEST(Allocation, NoneInAShuffledMiniBatchStepOfAnEncoder) {
  const Settings patch = Settings::parse(R"({
    "model": {"embedding": "learned", "dim": 8, "heads": 2, "key_dim": 4, "value_dim": 4, "layers": 2, "positions": "learned",
              "output_projection": true, "bias": true, "residual": true, "norm": "pre_layer",
              "feed_forward": {"hidden": 16, "activation": "gelu"}, "readout": "mean"},
    "training": {"batch": 5, "precision": "float32"}})");
  EXPECT_EQ(allocations_of(testing::trial_settings(patch)), 0);
}

TEST(Allocation, NoneInAStepOfAnOptimizerThatAsksForGradients) {
  for (const char* precision : {"float64", "float32"}) {
    for (const char* optimizer :
         {R"({"plugin": "gradient_flow", "learning_rate": 1.0})",
          R"({"plugin": "gradient_flow", "learning_rate": 1.0, "method": "rk4"})",
          R"({"plugin": "gradient_flow", "learning_rate": 1.0, "method": "euler"})",
          R"({"plugin": "lbfgs", "learning_rate": 1.0})",
          R"({"plugin": "muon", "learning_rate": 0.02})"}) {
      Settings patch = {{"training", {{"precision", precision}}}};
      patch["optimizer"] = Settings::parse(optimizer);
      EXPECT_EQ(allocations_of(testing::trial_settings(patch)), 0) << precision << optimizer;
    }
  }
}

}  // namespace
}  // namespace attnlab

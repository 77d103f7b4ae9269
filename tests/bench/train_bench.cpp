// train_bench.cpp: seconds a training step takes on one thread, of the two trials that
// tests/bench/torch_reference.py writes down for PyTorch. `tests/bench/run` prints both and their
// ratio.
#include <benchmark/benchmark.h>

#include <chrono>

#include "support/trial.hpp"

namespace {
using namespace attnlab;
using Clock = std::chrono::steady_clock;

// Notes when the second and the last step begin; records nothing between.
class Stopwatch : public Observer {
 public:
  void begin(const TrialView&) override {}
  bool wants(std::int64_t step) const override {
    if (step == 1) first = Clock::now();
    last = Clock::now();
    return false;
  }
  void at(StepView&) override {}
  mutable Clock::time_point first, last;
};

void steps(benchmark::State& state, const Settings& patch, std::int64_t n_steps) {
  Settings settings = attnlab::testing::trial_settings(patch);
  settings["training"]["steps"] = n_steps + 1;
  for (auto _ : state) {
    Stopwatch watch;
    const Ending ending = attnlab::testing::run(settings, watch);
    if (ending.status != TrialStatus::done) return state.SkipWithError(ending.error.c_str());
    // wants() is not asked for the last step: n_steps - 1 whole steps lie between the two.
    const std::chrono::duration<double> took = watch.last - watch.first;
    state.SetIterationTime(took.count() / static_cast<double>(n_steps - 1));
  }
}

// Paper A at its own size: 60 samples of 5 tokens out of 64, width 128, 256 neurons, full batch.
void cooccurrence(benchmark::State& state) {
  steps(state, Settings::parse(R"({
    "task": {"plugin": "cooccurrence", "dim": 64, "sequence_length": 5, "samples": 60,
             "distinct_random_tokens": false, "validation_samples": 0},
    "model": {"dim": 64, "key_dim": 128, "value_dim": 128, "head": {"hidden": 256}},
    "optimizer": {"learning_rate": 0.01}})"),
        2000);
}
BENCHMARK(cooccurrence)->UseManualTime()->Unit(benchmark::kMicrosecond)->Iterations(5);

// An encoder of two layers on 8 samples of 1024 tokens.
void encoder(benchmark::State& state) {
  steps(state, Settings::parse(R"({
    "task": {"plugin": "cooccurrence", "dim": 256, "sequence_length": 1024, "samples": 48,
             "distinct_random_tokens": false, "validation_samples": 0},
    "model": {"embedding": "learned", "dim": 64, "heads": 2, "key_dim": 32, "value_dim": 32, "layers": 2,
              "positions": "learned", "output_projection": true, "bias": true, "residual": true, "norm": "pre_layer",
              "feed_forward": {"hidden": 128, "activation": "gelu"}, "readout": "mean",
              "head": {"hidden": 128, "activation": "relu", "second_layer": "trained"}},
    "optimizer": {"learning_rate": 0.001},
    "training": {"batch": 8, "precision": "float32"}})"),
        10);
}
BENCHMARK(encoder)->UseManualTime()->Unit(benchmark::kMicrosecond)->Iterations(2);

}  // namespace

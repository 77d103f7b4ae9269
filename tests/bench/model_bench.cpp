// model_bench.cpp: a forward and backward pass of the two sizes that matter: paper A's model, and a
// long-range encoder.
#include <benchmark/benchmark.h>
#include <gtest/gtest.h>

#include "unit/model/models.hpp"

namespace attnlab {
namespace {

template <class S>
void run(benchmark::State& state, const Case& c) {
  auto made = make<S>(c, 0.0);
  std::vector<S> gradient(static_cast<std::size_t>(made.layout.n_trained), S(0));
  Index step = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(made.model
                                 .pass(made.batch(), made.parameters.data(), std::span<S>(gradient),
                                       1.0, true, step++, *made.space)
                                 ->loss);
  const TrialSize size = trial_size(made.shape, made.layout, c.task);
  state.counters["GFlop/s"] =
      benchmark::Counter(size.flops_per_sample * static_cast<double>(c.lengths.size()) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate);
}

void paper_a(benchmark::State& state) {
  TaskShape task = token_task();
  task.vocabulary = 64;
  task.max_tokens = 5;
  run<double>(state,
              {"paper A",
               settings(R"({"embedding": "one_hot", "key_dim": 128, "output_projection": false,
      "bias": false, "head": {"hidden": 256, "activation": "identity", "second_layer": "fixed_signs"}})",
                        "logistic"),
               task, std::vector<Index>(60, 5)});
}
BENCHMARK(paper_a)->Unit(benchmark::kMicrosecond);

// With that share of the attention weights dropped, in percent.
void encoder(benchmark::State& state) {
  const std::string dropout = std::to_string(static_cast<double>(state.range(0)) / 100.0);
  TaskShape task = token_task(TargetKind::klass, 2);
  task.vocabulary = 512;
  task.max_tokens = 1024;
  run<float>(state, {"encoder",
                     settings(R"({"attention": {"dropout": )" + dropout +
                                  R"(}, "dim": 64, "heads": 2, "layers": 2, "positions": "learned",
      "norm": "pre_layer", "residual": true, "dropout": 0.1, "feed_forward": {"hidden": 128},
      "readout": "mean_padded", "head": {"hidden": 128, "activation": "relu"}})",
                              "cross_entropy"),
                     task, std::vector<Index>(8, 1024)});
}
BENCHMARK(encoder)->Arg(0)->Arg(10)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace attnlab

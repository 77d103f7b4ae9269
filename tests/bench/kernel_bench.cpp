// kernel_bench.cpp: how fast the kernels are beside the machine's GEMM rate, measured in the same
// run.
//
// GFLOP/s count the products of the formulas, 4 T^2 D forward and 8 T^2 D backward; scores made
// again in backward and exponentials are not counted. `of_gemm` is the fraction of Eigen's GEMM at
// 1024.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <chrono>

#include "contract/kernel_border.hpp"

namespace {
using namespace attnlab::test;
using attnlab::Index;

template <class Real>
double gemm_rate(Index n) {  // flop/s, the best of several
  using M = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
  const M a = M::Random(n, n), b = M::Random(n, n);
  M c(n, n);
  double best = 0;
  for (int repeat = 0; repeat < 7; ++repeat) {
    const auto before = std::chrono::steady_clock::now();
    c.noalias() = a * b;
    benchmark::DoNotOptimize(c.data());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
    const auto size = static_cast<double>(n);
    best = std::max(best, 2 * size * size * size / took.count());
  }
  return best;
}

template <class Real>
void gemm(benchmark::State& state) {
  for (auto _ : state) state.counters["GFLOP/s"] = gemm_rate<Real>(state.range(0)) / 1e9;
}
BENCHMARK_TEMPLATE(gemm, float)->Arg(256)->Arg(1024)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(gemm, double)->Arg(256)->Arg(1024)->Iterations(1)->Unit(benchmark::kMillisecond);

template <class Real>
void kernel(benchmark::State& state, const char* name, bool backward, int mask) {
  const Index t = state.range(0), d = state.range(1);
  const Kernel kernel = kernel_called(name);
  const auto numbers =
      some_numbers<Real>({t, t, d, d, mask, 0, 0, std::sqrt(static_cast<double>(d))});
  Pass<Real> pass(kernel, numbers);
  const Gradient<Real> gradient = pass.backward();
  auto to = gradient;
  for (auto _ : state) {
    pass.forward_once();
    if (backward) pass.backward_once(to);
    benchmark::ClobberMemory();
  }
  const auto pairs = static_cast<double>(t * t) * (mask == ATTNLAB_MASK_NONE ? 1.0 : 0.5);
  const double flops = pairs * static_cast<double>(d) * (backward ? 12 : 4);
  static const double machine = gemm_rate<Real>(1024);
  state.counters["GFLOP/s"] =
      benchmark::Counter(flops / 1e9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_gemm"] =
      benchmark::Counter(flops / machine, benchmark::Counter::kIsIterationInvariantRate);
}

constexpr auto float32 = kernel<float>;
constexpr auto float64 = kernel<double>;

void all_sizes(benchmark::internal::Benchmark* b) {
  b->Args({5, 128})->Args({128, 32})->Args({1024, 32})->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(float32, softmax_forward, "softmax", false, ATTNLAB_MASK_NONE)->Apply(all_sizes);
BENCHMARK_CAPTURE(float32, softmax_both, "softmax", true, ATTNLAB_MASK_NONE)->Apply(all_sizes);
BENCHMARK_CAPTURE(float32, softmax_both_causal, "softmax", true, ATTNLAB_MASK_CAUSAL)
    ->Apply(all_sizes);
BENCHMARK_CAPTURE(float32, gaussian_both, "gaussian", true, ATTNLAB_MASK_NONE)->Apply(all_sizes);
BENCHMARK_CAPTURE(float64, softmax_forward, "softmax", false, ATTNLAB_MASK_NONE)->Apply(all_sizes);
BENCHMARK_CAPTURE(float64, softmax_both, "softmax", true, ATTNLAB_MASK_NONE)->Apply(all_sizes);
BENCHMARK_CAPTURE(float64, gaussian_both, "gaussian", true, ATTNLAB_MASK_NONE)->Apply(all_sizes);

}  // namespace

// store_bench.cpp: what it costs to keep a trial, and to merge many. `time_column.py` beside it
// reads one column with h5py.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <stdexcept>

#include "support/made_trials.hpp"

namespace {

using namespace attnlab;
namespace fs = std::filesystem;

constexpr Index n_records = 100;

FinishedTrial small_trial(Index n) {
  FinishedTrial trial;
  trial.settings = made::settings(n);
  trial.id = id_of(trial.settings);
  trial.records = made::records(n, n_records, 4, false);
  return trial;
}

void need(const Result<Done>& result) {
  if (!result) throw std::runtime_error(sentence(result.errors().front()));
}

struct Scratch {
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "attnlab-bench-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(folder); }
  fs::path folder;
};

// add + commit of `range` small trials in one segment; items are trials.
void record_trials(benchmark::State& state) {
  const Scratch scratch;
  const auto run = RunDirectory::open(scratch.folder / "run", made::outline(1), false);
  auto writer = SegmentWriter::create(scratch.folder / "run", 0, 1e9);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<FinishedTrial> trials;
    for (Index n = 0; n < state.range(0); ++n) trials.push_back(small_trial(n));
    state.ResumeTiming();
    for (FinishedTrial& trial : trials) need(writer->add(std::move(trial)));
    need(writer->commit());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(record_trials)->Arg(100)->Arg(10000)->Unit(benchmark::kMillisecond);

void merge_trials(benchmark::State& state) {
  const Scratch scratch;
  const fs::path dir = scratch.folder / "run";
  const Outline outline = made::outline(state.range(0));
  const auto run = RunDirectory::open(dir, outline, false);
  auto writer = SegmentWriter::create(dir, 0, 1e9);
  for (Index n = 0; n < state.range(0); ++n) {
    need(writer->add(small_trial(n * 7919 % state.range(0))));  // not in the order of the grid
    if (n % 20000 == 19999) need(writer->commit());
  }
  need(writer->commit());
  for (auto _ : state) need(merge(dir, outline, made::facts(), {}));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_a_trial"] =
      static_cast<double>(fs::file_size(dir / "results.h5")) / static_cast<double>(state.range(0));
  if (const char* keep = std::getenv("ATTNLAB_BENCH_KEEP")) {
    fs::copy_file(dir / "results.h5", keep, fs::copy_options::overwrite_existing);
  }
}
BENCHMARK(merge_trials)->Arg(1000)->Arg(100000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace

// make_results.cpp: make_results FOLDER writes FOLDER/run/results.h5 with 12 trials in two cohorts,
// one failed, one diverged.
#include <cstdio>
#include <filesystem>

#include "../support/made_trials.hpp"

using namespace attnlab;

namespace {

int fail(const Errors& errors) {
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", sentence(error).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path dir = std::filesystem::path(argv[1]) / "run";
  std::filesystem::remove_all(argv[1]);
  const Outline outline = made::outline(12);
  const auto run = RunDirectory::open(dir, outline, false);
  if (!run) return fail(run.errors());
  auto writer = SegmentWriter::create(dir, 0, 30);
  if (!writer) return fail(writer.errors());
  for (Index n = 0; n < 12; ++n) {
    if (auto added = writer->add(made::trial(n)); !added) return fail(added.errors());
    if (n % 5 != 4) continue;
    if (auto written = writer->commit(); !written) return fail(written.errors());
  }
  if (auto written = writer->commit(); !written) return fail(written.errors());
  // Without claims: the zero-length columns are the case that breaks readers.
  if (auto merged = merge(dir, outline, made::facts(), {}); !merged) return fail(merged.errors());
  return 0;
}

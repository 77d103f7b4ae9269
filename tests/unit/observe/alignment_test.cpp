// alignment_test.cpp: records do not depend on where the heap puts them. It hands out memory
// aligned to 16 bytes; whether that is 32 or 64 too is chance, here it is chosen.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <new>

#include "observe/recorder.hpp"
#include "support/trial.hpp"

namespace {
std::atomic<std::uintptr_t> offset = 0;  // of new memory, modulo 64: 0, 16, 32 or 48
}  // namespace

// A sanitizer has a heap of its own, whose blocks must come back to it.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ATTNLAB_HEAP_IS_OURS

// The block that malloc gave is noted just before what is handed out.
void* operator new(std::size_t n) {
  void* block = std::malloc(n + 128);
  if (block == nullptr) throw std::bad_alloc();
  const std::uintptr_t place =
      (reinterpret_cast<std::uintptr_t>(block) + 16 + 63) / 64 * 64 + offset;
  reinterpret_cast<void**>(place)[-1] = block;
  return reinterpret_cast<void*>(place);
}
void operator delete(void* p) noexcept {
  if (p != nullptr) std::free(static_cast<void**>(p)[-1]);
}
void operator delete(void* p, std::size_t) noexcept { ::operator delete(p); }
#endif

namespace attnlab {
namespace {

std::map<std::string, std::string> bytes_of(const Settings& settings) {
  Recorder recorder;
  const Ending end = testing::run(settings, recorder);
  EXPECT_EQ(end.error, "");
  std::map<std::string, std::string> out;
  for (const Series& series : recorder.take(end).series) {
    std::visit(
        [&](const auto& v) {
          out[series.name].assign(reinterpret_cast<const char*>(v.data()), v.size() * sizeof v[0]);
        },
        series.values);
  }
  return out;
}

void expect_same_everywhere(const Settings& settings, const std::string& among) {
#if !defined(ATTNLAB_HEAP_IS_OURS)
  GTEST_SKIP() << "the sanitizer chooses where memory lies";
#endif
  offset = 0;
  const auto aligned = bytes_of(settings);
  ASSERT_TRUE(aligned.contains(among));
  for (const std::uintptr_t other : {16, 32, 48}) {
    offset = other;
    const auto shifted = bytes_of(settings);
    offset = 0;
    ASSERT_EQ(aligned.size(), shifted.size());
    for (const auto& [name, bytes] : aligned)
      EXPECT_TRUE(shifted.at(name) == bytes) << name << " at " << other;
  }
}

TEST(Alignment, OfMemoryDoesNotReachTheRecordsOfARegression) {
  for (const char* precision : {"float32", "float64"}) {
    Settings settings = testing::trial_settings(Settings::parse(R"({
      "task": {"plugin": "token_regression", "samples": 3, "tokens": 5, "dim": 7, "outputs": 3,
               "inputs": null, "targets": {"normal": 1.0}},
      "loss": "squared",
      "model": {"embedding": "learned", "heads": 3, "key_dim": 5, "value_dim": 3,
                "attention": {"kernel": {"plugin": "gaussian"}}, "output_projection": true,
                "readout": "tokens"},
      "optimizer": {"learning_rate": 0.001},
      "training": {"steps": 20}, "record": {"measures": ["kernel_matrix", "jacobian"]}})"));
    settings["model"]["head"] = "none";
    settings["model"]["dim"] = nullptr;
    settings["training"]["precision"] = precision;
    expect_same_everywhere(settings, "kernel_row_mass");
  }
}

TEST(Alignment, OfMemoryDoesNotReachTheRecordsOfAClassification) {
  for (const char* precision : {"float32", "float64"}) {
    Settings settings = testing::trial_settings(Settings::parse(R"({
      "model": {"embedding": "learned", "dim": 9, "heads": 3, "key_dim": 3, "value_dim": 3,
                "layers": 2, "output_projection": true, "bias": true, "residual": true,
                "norm": "pre_layer", "feed_forward": {"hidden": 7, "activation": "gelu"},
                "readout": "mean"},
      "training": {"steps": 4, "batch": 5}})"));
    settings["training"]["precision"] = precision;
    expect_same_everywhere(settings, "attention_entropy");
  }
}

}  // namespace
}  // namespace attnlab

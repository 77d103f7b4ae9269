// mutation_test.cpp: whatever happens to the bytes of a good grid, reading it answers a grid or
// sentences, soon.
#include <gtest/gtest.h>

#include <chrono>

#include "base/random.hpp"
#include "unit/grid/small_catalogue.hpp"

namespace attnlab {
namespace {

const std::string whole_grid =
    "name: two-phases\n"
    "description: \"one line: for people\"\n"
    "trial:\n"
    "  seed: 1\n"
    "  task: &task {plugin: cooccurrence, sequence_length: 5, dim: 64, samples: 60}\n"
    "  model:\n"
    "    dim: 64\n"
    "    heads: 4\n"
    "    attention: {kernel: {plugin: softmax, temperature: 2.5}, mask: causal}\n"
    "    init: {default: xavier, W_Q: {normal: 0.1}, W_K: {values: [[1, 2], [3, 4]]}}\n"
    "    train: [W_Q, W_K, 'W_V']\n"
    "  optimizer: {plugin: adam, learning_rate: {W_Q: 1.0, default: 1e-2}, schedule: cosine}\n"
    "  training: {steps: 300, batch: full, precision: float64}\n"
    "  record: {metrics: {log_spaced: 20}, attention: {steps: [0, last]}}\n"
    "sweep:\n"
    "  grid:\n"
    "    model.attention.kernel.plugin: [softmax, gaussian]\n"
    "    optimizer.learning_rate.default: {logspace: [0.001, 0.1, 5]}\n"
    "    seed: {range: [0, 4]}\n"
    "  zip:\n"
    "    - {task.dim: [64, 128], model.key_dim: [128, 256]}\n"
    "  exclude:\n"
    "    - {model.attention.kernel.plugin: gaussian, seed: 3}\n"
    "claims: [two_phases]\n";

const std::vector<std::string> pieces = {"[",
                                         "]",
                                         "{",
                                         "}",
                                         ":",
                                         ",",
                                         "&a ",
                                         "*a",
                                         "<<: ",
                                         "\n",
                                         "  ",
                                         "- ",
                                         "#",
                                         "\"",
                                         "'",
                                         "|\n",
                                         ">\n",
                                         "? ",
                                         "!x ",
                                         "---",
                                         "...",
                                         "%",
                                         "\t",
                                         "@",
                                         "1e9",
                                         "999999999999",
                                         "~",
                                         "null",
                                         ".nan",
                                         "-1",
                                         "\xff",
                                         "\xc3\xa9",
                                         "*task",
                                         "&task ",
                                         "{range: [0, 999999]}",
                                         std::string(1, '\0')};

std::string mutated(std::string text, std::uint64_t number) {
  std::uint64_t draw = 0;
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random_bits(number, 1, draw++) % n);
  };
  const std::size_t n_changes = 1 + below(6);
  for (std::size_t change = 0; change < n_changes && !text.empty(); ++change) {
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0: text.erase(at, 1 + below(20)); break;
      case 1: text.insert(at, pieces[below(pieces.size())]); break;
      case 2: text[at] = static_cast<char>(below(256)); break;
      case 3: text.insert(at, text.substr(below(text.size()), below(60))); break;
      case 4: text.resize(at); break;
      default: std::swap(text[at], text[below(text.size())]);
    }
  }
  return text;
}

TEST(Mutations, TheWholeGridIsGood) { EXPECT_EQ(test::mistakes_of(whole_grid), ""); }

TEST(Mutations, NeverCrashOrHangAndAlwaysAnswer) {
  const auto start = std::chrono::steady_clock::now();
  int n_good = 0;
  double slowest = 0;
  for (std::uint64_t number = 0; number < 8000; ++number) {
    const auto before = std::chrono::steady_clock::now();
    const std::string text = mutated(whole_grid, number);
    const std::string answer = test::mistakes_of(
        text, number % 7 == 0 ? std::vector<std::string>{"model.dim=" + text.substr(0, 40)}
                              : std::vector<std::string>{});
    n_good += answer.empty();
    EXPECT_NE(answer, "(no sentence)") << text;
    slowest = std::max(
        slowest, std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("8000 mutations in %.1f s, the slowest %.3f s, %d still good\n", seconds, slowest,
              n_good);
  EXPECT_GT(n_good, 0);
  EXPECT_LT(n_good, 4000);
  EXPECT_LT(slowest, 60.0);
}

}  // namespace
}  // namespace attnlab

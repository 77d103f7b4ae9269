// stumbling.cpp: gradient descent that can be slow, ask for gradients inside a step, or fail at a
// chosen step. For tests of whole runs.
#include <attnlab/optimizer.hpp>
#include <chrono>
#include <limits>
#include <string>
#include <thread>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::integer("sleep_ms", "0", 0, 60000, "ms", "time that every step takes"),
    option::integer("fail_at", "-1", -1, option::infinity, "1", "step that fails; -1: none"),
    option::integer("nan_at", "-1", -1, option::infinity, "1",
                    "step that makes the parameters NaN; -1: none"),
    option::boolean(
        "asks", "false",
        "make the step in two halves, with a gradient asked for and the time of the step "
        "between them"),
};

struct Stumbling {
  Stumbling(const Options& given, const Problem& problem)
      : sleep_ms(given.integer("sleep_ms")),
        fail_at(given.integer("fail_at")),
        nan_at(given.integer("nan_at")),
        asks(given.boolean("asks")),
        blocks(problem.blocks) {}

  // With `asks`: how many halves were made, to be seen when one is made twice or not at all.
  std::int64_t n_state_bytes(std::int64_t) const {
    return asks ? static_cast<std::int64_t>(sizeof(std::int64_t)) : 0;
  }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    if (asks) {
      std::int64_t& n_halves = *static_cast<std::int64_t*>(state);
      if (n_halves++ % 2 != 0) throw Failure("a step was left in its middle");
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        parameters[i] -= static_cast<Number>(0.5 * step.rate(0)) * gradient[i];
      }
      if (sleep_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(sleep_ms));
      step.evaluate(parameters, gradient);
      ++n_halves;
    } else if (sleep_ms > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(sleep_ms));
    }
    if (step.number() == fail_at) throw Failure("stumbled at step " + std::to_string(fail_at));
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto rate = static_cast<Number>(step.rate(b));
      for (std::int64_t i = blocks[b].offset; i < blocks[b].offset + blocks[b].size; ++i) {
        const auto at = static_cast<std::size_t>(i);
        parameters[at] -= rate * gradient[at];
        if (step.number() == nan_at) parameters[at] = std::numeric_limits<Number>::quiet_NaN();
      }
    }
  }

  std::int64_t sleep_ms, fail_at, nan_at;
  bool asks;
  std::vector<Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Stumbling, options, 0.01,
                         (About{
                             .name = "stumbling",
                             .summary = "Gradient descent that can be slow, or fail.",
                         }))

// optimizer.hpp: write an optimizer as a C++ class, ship it as the C table of optimizer.h.
//
//   struct Sign {
//     Sign(const attnlab::Options&, const attnlab::Problem& problem) : blocks(problem.blocks) {}
//     std::int64_t n_state_bytes(std::int64_t bytes_per_number) const { return 0; }
//     template <class Number>
//     void step(const attnlab::Step<Number>& step, std::span<Number> parameters,
//               std::span<Number> gradient, void* state) const;
//     std::vector<attnlab::Block> blocks;
//   };
//   ATTNLAB_OPTIMIZER_PLUGIN(Sign, attnlab::no_options, 0.001, (attnlab::About{.name = "sign",
//   ...}))
//
// A class with `static constexpr bool has_time = true` has a flow time, which records keep.
// All that must survive from step to step lives in `state`, which starts as zeros; an instance is
// const.
#pragma once

#include <attnlab/optimizer.h>

#include <attnlab/plugin.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace attnlab {

// One trained matrix inside the parameter vector, [n_heads][rows][columns].
struct Block {
  std::string name;
  std::int64_t offset = 0;
  std::int64_t size = 0;
  std::int64_t n_heads = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
};

struct Problem {
  std::int64_t n = 0;        // numbers in the parameter vector
  std::int64_t n_steps = 0;  // steps of the trial
  std::vector<Block> blocks;

  explicit Problem(const attnlab_problem& from) : n(from.n), n_steps(from.n_steps) {
    const auto* at = reinterpret_cast<const std::byte*>(from.blocks);
    for (std::int64_t b = 0; b < from.n_blocks; ++b) {
      const auto& block = *reinterpret_cast<const attnlab_block*>(at);
      blocks.push_back(
          {block.name, block.offset, block.size, block.n_heads, block.rows, block.columns});
      at += from.blocks->struct_size;
    }
  }
};

template <class Number>
struct Step {
  const attnlab_step& border;

  std::int64_t number() const { return border.step; }  // updates made so far
  double rate(std::size_t block) const { return border.rates[block]; }
  double momentum() const { return border.momentum; }  // NaN: the plugin's own option
  double loss() const { return border.loss; }          // at the current parameters
  double* time() const { return border.time; }         // flow time; may be null

  // Loss at any parameters and its clipped gradient, on the samples of this step.
  double evaluate(std::span<const Number> parameters, std::span<Number> gradient) const {
    double loss = 0;
    attnlab_status status = ATTNLAB_FAILED;
    if constexpr (std::is_same_v<Number, float>) {
      status = border.evaluate_f32(border.self, parameters.data(), &loss, gradient.data());
    } else {
      status = border.evaluate_f64(border.self, parameters.data(), &loss, gradient.data());
    }
    if (status != ATTNLAB_OK) throw Failure("the host could not evaluate the loss");
    return loss;
  }
};

// The C table of the class `Optimizer`, whose options are `described`.
template <class Optimizer, const auto& described>
struct ExportedOptimizer {
  Host host;
  std::int64_t n;
  Optimizer optimizer;

  static constexpr attnlab_optimizer table(double default_learning_rate) {
    std::uint32_t flags = 0;
    if constexpr (requires { requires Optimizer::has_time; }) flags |= ATTNLAB_OPTIMIZER_HAS_TIME;
    return {sizeof(attnlab_optimizer),
            flags,
            default_learning_rate,
            create,
            destroy,
            n_state_bytes,
            step_of<float>,
            step_of<double>};
  }

 private:
  static attnlab_status create(const attnlab_host* host, const attnlab_value* values,
                               std::int64_t n_values, const attnlab_problem* problem, void** out) {
    return fenced(Host(host), [&] {
      auto made = std::make_unique<ExportedOptimizer>(
          Host(host), problem->n, Options(described, values, n_values), Problem(*problem));
      *out = made.release();
    });
  }
  static void destroy(void* self) { delete static_cast<ExportedOptimizer*>(self); }

  static std::int64_t n_state_bytes(const void* self, std::int64_t bytes_per_number) {
    return static_cast<const ExportedOptimizer*>(self)->optimizer.n_state_bytes(bytes_per_number);
  }
  template <class Number>
  static attnlab_status step_of(const void* self, const attnlab_step* step, Number* parameters,
                                Number* gradient, void* state) {
    const auto& it = *static_cast<const ExportedOptimizer*>(self);
    const auto size = static_cast<std::size_t>(it.n);
    return fenced(it.host, [&] {
      it.optimizer.step(Step<Number>{*step}, std::span<Number>(parameters, size),
                        std::span<Number>(gradient, size), state);
    });
  }

 public:
  ExportedOptimizer(Host lent, std::int64_t size, const Options& options, const Problem& problem)
      : host(lent), n(size), optimizer(options, problem) {}
};

}  // namespace attnlab

// Exports `Class` with the options `described` (a constexpr array at namespace scope).
#define ATTNLAB_OPTIMIZER_PLUGIN(Class, described, default_learning_rate, about)    \
  const attnlab_plugin* attnlab_plugin_entry(void) {                                \
    static constexpr attnlab_optimizer table =                                      \
        attnlab::ExportedOptimizer<Class, described>::table(default_learning_rate); \
    static constexpr attnlab_plugin plugin =                                        \
        attnlab::description(ATTNLAB_OPTIMIZER, about, described, &table);          \
    return &plugin;                                                                 \
  }

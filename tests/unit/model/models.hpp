// models.hpp: small models with real kernels, data for them, and the loss as a function of the
// parameters.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "model/model.hpp"

namespace attnlab {

inline const Plugins& plugins() {
  static const Plugins all = [] {
    auto scanned = Plugins::scan({std::string(ATTNLAB_BINARY_DIR) + "/lib/attnlab/plugins"});
    EXPECT_TRUE(scanned) << (scanned ? "" : sentence(scanned.errors()[0]));
    return *std::move(scanned);
  }();
  return all;
}

// One model with its data: made from the settings as people write them, everything else from the
// seed.
struct Case {
  std::string name;
  Settings trial;
  TaskShape task;
  std::vector<Index> lengths = {4, 1, 5};
};

inline void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

inline TaskShape token_task(TargetKind target = TargetKind::sign, Index outputs = 1) {
  TaskShape task;
  task.target = target;
  task.target_per_token = target == TargetKind::token;
  task.max_tokens = 6;
  task.vocabulary = target == TargetKind::token ? 7 : 9;
  task.outputs = outputs;
  task.padded = true;
  return task;
}

// One next token a sample, and nothing else, as yz wants it.
inline TaskShape next_token_task(bool weighted) {
  TaskShape task = token_task(TargetKind::klass, 9);
  task.weighted = weighted;
  return task;
}

inline TaskShape dense_task(Index outputs, bool per_token) {
  TaskShape task;
  task.input = InputKind::dense;
  task.target = TargetKind::real;
  task.target_per_token = per_token;
  task.max_tokens = 6;
  task.input_dim = 6;
  task.outputs = outputs;
  return task;
}

inline Settings settings(const std::string& model, const std::string& loss) {
  Settings trial;
  trial["seed"] = 11;
  trial["loss"] = loss;
  trial["model"] = Settings::parse(model);
  Settings& kernel = trial["model"]["attention"]["kernel"];
  if (!kernel.contains("plugin")) kernel["plugin"] = "softmax";
  if (!kernel.contains("temperature")) kernel["temperature"] = nullptr;
  return trial;
}

template <class S>
struct Made {
  ModelShape shape;
  ParameterLayout layout;
  Kernel kernel;
  Model<S> model;
  std::vector<S> parameters;
  std::vector<Index> first;
  std::vector<std::int32_t> tokens, positions, target_ids;
  std::vector<S> inputs, targets, weights;
  std::vector<std::int64_t> numbers;
  std::unique_ptr<Workspace<S>> space;

  Batch<S> batch() const {
    Batch<S> b;
    b.n_samples = static_cast<Index>(first.size()) - 1;
    b.first = first.data();
    b.tokens = tokens.data();
    b.positions = positions.data();
    b.inputs = inputs.data();
    b.weights = weights.empty() ? nullptr : weights.data();
    b.target_ids = target_ids.data();
    b.targets = targets.data();
    b.sample_number = numbers.data();
    return b;
  }
  Index n_tokens() const { return first.back(); }
};

inline double draw(std::uint64_t stream, Index i) {
  return random_normal(5, stream, static_cast<std::uint64_t>(i));
}

template <class S>
void fill_data(const Case& c, Made<S>& made) {
  made.first = {0};
  for (std::size_t i = 0; i < c.lengths.size(); ++i) {
    made.first.push_back(made.first.back() + c.lengths[i]);
    made.numbers.push_back(static_cast<std::int64_t>(17 * i + 3));
    for (Index t = 0; t < c.lengths[i]; ++t) made.positions.push_back(static_cast<std::int32_t>(t));
  }
  const Index answers =
      c.task.target_per_token ? made.first.back() : static_cast<Index>(c.lengths.size());
  const auto pick = [](std::uint64_t stream, Index i, Index n) {
    return static_cast<std::int32_t>(random_bits(5, stream, static_cast<std::uint64_t>(i)) %
                                     static_cast<std::uint64_t>(n));
  };
  for (Index t = 0; t < made.first.back(); ++t) {
    if (c.task.weighted) made.weights.push_back(static_cast<S>(0.1 + std::abs(draw(7, t))));
    if (c.task.vocabulary > 0) made.tokens.push_back(pick(1, t, c.task.vocabulary));
    for (Index j = 0; j < c.task.input_dim; ++j)
      made.inputs.push_back(static_cast<S>(draw(2, t * c.task.input_dim + j)));
  }
  for (Index a = 0; a < answers; ++a) {
    switch (c.task.target) {
      case TargetKind::sign: made.target_ids.push_back(2 * pick(3, a, 2) - 1); break;
      case TargetKind::klass: made.target_ids.push_back(pick(3, a, c.task.outputs)); break;
      case TargetKind::token:
        made.target_ids.push_back(a == 2 ? -1 : pick(3, a, c.task.vocabulary));
        break;
      case TargetKind::real:
        for (Index j = 0; j < c.task.outputs; ++j)
          made.targets.push_back(static_cast<S>(draw(4, a * c.task.outputs + j)));
    }
  }
}

// The model of a case; parameters are the initial ones, moved a little so that biases and gains are
// not special.
template <class S>
Made<S> make(const Case& c, double move = 0.3) {
  auto shape = model_shape(c.trial, c.task);
  EXPECT_TRUE(shape) << c.name << ": " << (shape ? "" : sentence(shape.errors()[0]));
  auto layout = parameter_layout(*shape, c.trial);
  EXPECT_TRUE(layout) << c.name << ": " << (layout ? "" : sentence(layout.errors()[0]));
  auto kernel = Kernel::create(plugins(), c.trial["model"]["attention"]["kernel"]);
  EXPECT_TRUE(kernel) << c.name << ": " << (kernel ? "" : sentence(kernel.errors()[0]));
  static std::vector<std::unique_ptr<Kernel>> alive;  // the model borrows its kernel
  alive.push_back(std::make_unique<Kernel>(*kernel));
  Made<S> made{*shape, *layout, *kernel, Model<S>(*shape, *layout, *alive.back(), c.task, 11),
               {},     {},      {},      {},
               {},     {},      {},      {},
               {},     nullptr};
  made.parameters.resize(static_cast<std::size_t>(made.layout.n));
  const auto started = initialise<S>(made.shape, made.layout, c.trial, made.parameters);
  EXPECT_TRUE(started) << c.name << ": " << (started ? "" : sentence(started.errors()[0]));
  for (std::size_t i = 0; i < made.parameters.size(); ++i)
    made.parameters[i] += static_cast<S>(move * draw(6, static_cast<Index>(i)));
  fill_data(c, made);
  Index longest = 1;
  for (const Index n : c.lengths) longest = std::max(longest, n);
  made.space =
      made.model.workspace(static_cast<Index>(c.lengths.size()), made.n_tokens(), longest, true);
  return made;
}

template <class S>
double loss_at(Made<S>& made, bool training, std::span<S> gradient = {}, double scale = 1) {
  const auto result = made.model.pass(made.batch(), made.parameters.data(), gradient, scale,
                                      training, 3, *made.space);
  EXPECT_TRUE(result) << (result ? "" : sentence(result.errors()[0]));
  return result->loss;
}

}  // namespace attnlab

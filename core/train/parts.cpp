// parts.cpp: task, model, kernel and optimizer out of the settings of a trial.
#include "train/parts.hpp"

#include <cmath>

#include "train/jacobian.hpp"

namespace attnlab {
namespace {

// The kernel's settings with the temperature that follows from the model.
Settings kernel_settings(const Settings& trial, const ModelShape& shape) {
  Settings kernel = trial.at("model").at("attention").at("kernel");
  Settings& temperature = kernel["temperature"];
  if (temperature.is_null()) temperature = std::sqrt(static_cast<double>(shape.key_dim));
  return kernel;
}

std::vector<attnlab_block> trained_blocks(const ParameterLayout& layout) {
  std::vector<attnlab_block> out;
  for (const ParameterBlock& block : layout.blocks) {
    if (!block.trained) continue;
    attnlab_block b{};
    b.struct_size = sizeof b;
    b.name = block.name.c_str();
    b.offset = block.offset;
    b.size = block.size();
    b.n_heads = block.heads;
    b.rows = block.rows;
    b.columns = block.columns;
    out.push_back(b);
  }
  return out;
}

// Can J be had at the start of this trial?
Result<Done> check_jacobian(const Settings& trial, const TaskShape& task) {
  if (!wants_jacobian(trial.at("optimizer"))) return Done{};
  const std::string where = "optimizer.learning_rate.jacobian";
  if (trial.at("loss") != "squared" || trial.at("training").at("batch") != "full") {
    return Error{where, "needs loss: squared and batch: full",
                 "give the learning rate as a number"};
  }
  const Index rows = task.n_train * task.outputs * (task.target_per_token ? task.max_tokens : 1);
  if (rows <= most_jacobian_rows) return Done{};
  return Error{where,
               "the Jacobian would have " + std::to_string(rows) + " rows, more than " +
                   std::to_string(most_jacobian_rows),
               "take fewer samples, tokens or outputs, or give the learning rate as a number"};
}

}  // namespace

Result<std::unique_ptr<Parts>> make_parts(const Settings& trial, const Plugins& plugins,
                                          const std::filesystem::path& folder, TaskCache* cache) {
  auto source = task_source(trial, plugins, folder, cache);
  if (!source) return source.errors();
  auto shape = model_shape(trial, (*source)->task().shape());
  if (!shape) return shape.errors();
  auto layout = parameter_layout(*shape, trial);
  if (!layout) return layout.errors();
  auto kernel = Kernel::create(plugins, kernel_settings(trial, *shape));
  if (!kernel) return kernel.errors();
  if (shape->attention_dropout > 0 && !kernel->drops_weights())
    return Error{"model.attention.dropout", "the kernel has no dropout of its weights",
                 "leave attention.dropout out, or take another kernel"};

  std::unique_ptr<Parts> parts(
      new Parts{*source, *shape, *std::move(layout), *std::move(kernel), {}, {}, {}, {}, {}});
  const Settings& optimizer = trial.at("optimizer");
  auto schedule = schedule_of(optimizer);
  auto clip = clip_of(optimizer);
  auto rates = learning_rates(optimizer, parts->layout);
  Errors errors;
  const auto collect = [&errors](const auto& result) {
    if (!result) errors.insert(errors.end(), result.errors().begin(), result.errors().end());
  };
  collect(schedule), collect(clip), collect(rates);
  collect(check_jacobian(trial, (*source)->task().shape()));
  if (!errors.empty()) return errors;
  parts->schedule = *schedule;
  parts->clip = *clip;
  parts->rates = *std::move(rates);

  parts->blocks = trained_blocks(parts->layout);
  if (parts->blocks.empty()) return parts;
  attnlab_problem problem{};
  problem.struct_size = sizeof problem;
  problem.n = parts->layout.n_trained;
  problem.n_steps = trial.at("training").at("steps").get<std::int64_t>();
  problem.n_blocks = static_cast<std::int64_t>(parts->blocks.size());
  problem.blocks = parts->blocks.data();
  auto made = Optimizer::create(plugins, optimizer, problem);
  if (!made) return made.errors();
  parts->optimizer = std::make_unique<Optimizer>(*std::move(made));
  return parts;
}

}  // namespace attnlab

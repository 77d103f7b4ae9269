// parts.cpp: task, model, kernel and optimizer out of the settings of a trial.
#include "train/parts.hpp"

#include <algorithm>
#include <cmath>

#include "base/nearest.hpp"
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

Result<Done> check_batch(const Settings& trial, const TaskShape& task) {
  const Settings* const batch = find(trial, "training.batch");
  if (!batch || !batch->is_string() || task.n_train > 0) return Done{};
  return Error{"training.batch",
               "the task draws fresh samples at every step, so there is no full batch",
               "give training.batch a number, or the task a number of samples"};
}

// Matrices that `record.parameters` names must be there.
Result<Done> check_recorded(const Settings& trial, const ParameterLayout& layout) {
  const Settings* const names = find(trial, "record.parameters.matrices");
  if (!names || !names->is_array()) return Done{};
  std::vector<std::string> known;
  for (const ParameterBlock& block : layout.blocks) {
    known.push_back(block.name);
    if (block.base_name != block.name) known.push_back(block.base_name);
  }
  Errors errors;
  for (const Settings& name : *names) {
    const std::string text = name.is_string() ? name.get<std::string>() : name.dump();
    if (std::find(known.begin(), known.end(), text) != known.end()) continue;
    errors.push_back({"record.parameters.matrices", "the model has no matrix '" + text + "'",
                      suggestion(text, known)});
  }
  if (!errors.empty()) return errors;
  return Done{};
}

Result<Done> check_dropout(const ModelShape& shape, const Kernel& kernel) {
  if (shape.attention_dropout <= 0 || kernel.drops_weights()) return Done{};
  return Error{"model.attention.dropout", "the kernel has no dropout of its weights",
               "leave attention.dropout out, or take another kernel"};
}

Result<Optimizer> optimizer_for(const Plugins& plugins, const Settings& trial, Index n_trained,
                                const std::vector<attnlab_block>& blocks) {
  attnlab_problem problem{};
  problem.struct_size = sizeof problem;
  problem.n = n_trained;
  problem.n_steps = trial.at("training").at("steps").get<std::int64_t>();
  problem.n_blocks = static_cast<std::int64_t>(blocks.size());
  problem.blocks = blocks.data();
  return Optimizer::create(plugins, trial.at("optimizer"), problem);
}

}  // namespace

// What can still be checked after a mistake is checked: all mistakes of a trial are told at once.
Result<std::unique_ptr<Parts>> make_parts(const Settings& trial, const Plugins& plugins,
                                          const std::filesystem::path& folder, TaskCache* cache) {
  Errors errors;
  const auto collect = [&errors](const auto& result) {
    if (!result) errors.insert(errors.end(), result.errors().begin(), result.errors().end());
  };
  auto source = task_source(trial, plugins, folder, cache);
  const Settings& optimizer = trial.at("optimizer");
  auto schedule = schedule_of(optimizer);
  auto clip = clip_of(optimizer);
  collect(source), collect(schedule), collect(clip);
  if (!source) return errors;

  const TaskShape& task = (*source)->task().shape();
  auto shape = model_shape(trial, task);
  collect(shape), collect(check_batch(trial, task));
  collect(check_jacobian(trial, task));
  if (!shape) return errors;

  auto layout = parameter_layout(*shape, trial);
  auto kernel = Kernel::create(plugins, kernel_settings(trial, *shape));
  collect(layout), collect(kernel);
  if (kernel) collect(check_dropout(*shape, *kernel));
  if (!layout) {  // the matrices themselves are known whatever `train` and `init` name
    Settings plain = trial;
    plain["model"].erase("train");
    plain["model"].erase("init");
    if (const auto matrices = parameter_layout(*shape, plain))
      collect(learning_rates(optimizer, *matrices)), collect(check_recorded(trial, *matrices));
    return errors;
  }

  auto rates = learning_rates(optimizer, *layout);
  collect(rates), collect(check_recorded(trial, *layout));
  auto blocks = trained_blocks(*layout);
  std::unique_ptr<Optimizer> updates;
  if (!blocks.empty()) {
    auto made = optimizer_for(plugins, trial, layout->n_trained, blocks);
    collect(made);
    if (made) updates = std::make_unique<Optimizer>(*std::move(made));
  }
  if (!errors.empty()) return errors;
  // Moved vectors keep their elements in place, where the optimizer knows them.
  return std::unique_ptr<Parts>(new Parts{*source, *shape, *std::move(layout), *std::move(kernel),
                                          std::move(blocks), std::move(updates), *schedule, *clip,
                                          *std::move(rates)});
}

}  // namespace attnlab

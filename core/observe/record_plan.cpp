// record_plan.cpp: `record` of the settings as a list of arrays.
#include "observe/record_plan.hpp"

#include <algorithm>
#include <numeric>

#include "observe/measure.hpp"
#include "observe/record_bytes.hpp"
#include "observe/record_steps.hpp"

namespace attnlab {
namespace {

void plan_metrics(Planner& plan, const RecordPlan& steps, const TaskShape& task,
                  const ModelShape& model, const ParameterLayout& layout, bool has_time) {
  plan.axis("record", steps.metric_steps, "updates made when the record was taken");
  if (has_time) plan.series("time", {"record"}, "flow time");
  plan.series("loss", {"record"}, "training loss");
  const bool has_accuracy = model.loss != Loss::squared;
  if (has_accuracy)
    plan.series("accuracy", {"record"}, "share of correct answers on the samples of the loss");
  if (task.n_validation > 0) {
    plan.series("validation_loss", {"record"}, "loss on the validation split");
    if (has_accuracy)
      plan.series("validation_accuracy", {"record"},
                  "share of correct answers on the validation split");
  }
  if (!task.groups.empty()) {
    plan.axis("group", task.groups, "group of samples");
    plan.series("group_loss", {"record", "group"}, "mean loss of the samples of a group");
  }
  std::vector<std::string> trained;
  for (const ParameterBlock& block : layout.blocks) {
    if (block.trained) trained.push_back(block.name);
  }
  if (!trained.empty()) {
    plan.axis("matrix", std::move(trained), "trained matrix");
    plan.series("grad_norm", {"record", "matrix"},
                "Frobenius norm of the gradient before clipping and weight decay");
  }
  plan.axis("layer", counted(model.layers), "layer");
  plan.axis("head", counted(model.heads), "attention head");
  plan.series("attention_entropy", {"record", "layer", "head"},
              "mean entropy of the attention weights of a query, in nats");
}

void plan_attention(Planner& plan, const RecordPlan& steps, const TaskShape& task,
                    const ModelShape& model) {
  plan.axis("attention_step", steps.attention_steps,
            "updates made when the attention snapshot was taken");
  plan.axis("sample", counted(steps.n_attention_samples), "sample of the attention snapshots");
  plan.axis("query", counted(model.last_query_only ? 1 : task.max_tokens), "position of the query");
  plan.axis("key", counted(n_snapshot_keys(task)),
            task.weighted ? "token id of the key" : "position of the key");
  plan.series("attention", {"attention_step", "layer", "head", "sample", "query", "key"},
              "attention weight of a query on a key", NumberType::float32);
  if (task.input == InputKind::tokens) {
    plan.series("attention_tokens", {"sample", "key"},
                task.weighted ? "token ids of the keys"
                              : "token ids of the samples of the snapshots, 0 behind their end",
                NumberType::int32);
  }
  plan.series("attention_sample", {"sample"}, "number of the sample in the training set",
              NumberType::int64);
}

void plan_parameters(Planner& plan, const RecordPlan& steps, NumberType real) {
  plan.axis("parameter_step", steps.parameter_steps, "updates made when the parameters were kept");
  for (const ParameterBlock& block : steps.matrices) {
    const std::string row = "row_" + block.name, column = "column_" + block.name;
    plan.axis(row, counted(block.rows), "row of " + block.name);
    plan.axis(column, counted(block.columns), "column of " + block.name);
    std::vector<std::string> axes{"parameter_step", row, column};
    if (block.has_head_axis) axes.insert(axes.begin() + 1, "head");
    plan.series("parameter_" + block.name, std::move(axes),
                "the matrix " + block.name + " [input, output]", real);
  }
}

void plan_data(Planner& plan, const TaskShape& task, NumberType real) {
  plan.axis("data_sample", counted(task.n_train), "sample of the training set");
  const bool per_token = task.target_per_token || task.target == TargetKind::token;
  plan.axis("data_token", counted(task.max_tokens), "position in the sample");
  if (task.input == InputKind::tokens) {
    plan.series("data_tokens", {"data_sample", "data_token"},
                "token ids, 0 behind the end of a sample", NumberType::int32);
    if (task.weighted)
      plan.series("data_weights", {"data_sample", "data_token"},
                  "share of a token in the distribution of its sample, 0 behind the end", real);
  } else {
    plan.axis("data_dim", counted(task.input_dim), "number of an input row");
    plan.series("data_inputs", {"data_sample", "data_token", "data_dim"},
                "input rows, 0 behind the end of a sample", real);
  }
  std::vector<std::string> axes{"data_sample"};
  if (per_token) axes.push_back("data_token");
  if (task.target == TargetKind::real) {
    plan.axis("data_output", counted(task.outputs), "number of a target");
    axes.push_back("data_output");
  }
  plan.series("data_targets", std::move(axes), "targets",
              task.target == TargetKind::real ? real : NumberType::int32);
  if (!task.groups.empty()) {
    plan.series("data_group", {"data_sample"},
                "position of the sample's group on the axis group, -1: none", NumberType::int32);
  }
}

std::vector<ParameterBlock> kept_matrices(const Settings& rule, const ParameterLayout& layout) {
  const auto names = rule.find("matrices");
  if (names == rule.end() || !names->is_array()) return layout.blocks;
  std::vector<ParameterBlock> out;
  for (const ParameterBlock& block : layout.blocks) {
    const bool named = std::any_of(names->begin(), names->end(), [&](const Settings& name) {
      return name == block.name || name == block.base_name;
    });
    if (named) out.push_back(block);
  }
  return out;
}

}  // namespace

std::vector<std::int64_t> counted(Index n) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

Index bytes_of(NumberType type) {
  return type == NumberType::float64 || type == NumberType::int64 ? 8 : 4;
}

Index RecordPlan::size_of(const std::string& axis) const {
  for (const RecordAxis& a : axes) {
    if (a.name == axis) return a.size();
  }
  return 1;
}

Index RecordPlan::size_of(const PlannedSeries& one) const {
  Index n = 1;
  for (const std::string& axis : one.axes) n *= size_of(axis);
  return n;
}

RecordPlan record_plan(const Settings& trial, const TaskShape& task, const ModelShape& model,
                       const ParameterLayout& layout, bool has_time) {
  const Settings& record = trial.at("record");
  const Settings& training = trial.at("training");
  const auto last = training.at("steps").get<std::int64_t>();
  const NumberType real =
      training.at("precision") == "float32" ? NumberType::float32 : NumberType::float64;

  RecordPlan out;
  out.metric_steps = metric_steps(record.at("metrics"), last);
  const Settings& attention = record.at("attention");
  out.n_attention_samples = attention.is_object() ? attention.value("samples", Index{8}) : 0;
  if (task.n_train > 0) out.n_attention_samples = std::min(out.n_attention_samples, task.n_train);
  if (out.n_attention_samples > 0) out.attention_steps = record_steps(attention, last);
  out.parameter_steps = record_steps(record.at("parameters"), last);
  if (!out.parameter_steps.empty()) out.matrices = kept_matrices(record.at("parameters"), layout);

  Planner plan(out);
  plan_metrics(plan, out, task, model, layout, has_time);
  const MeasureContext context{trial, task, model, layout};
  if (auto measures = chosen_measures(context)) out.measures = *std::move(measures);
  for (const MeasureKind* kind : out.measures) kind->plan(context, plan);
  if (!out.attention_steps.empty()) plan_attention(plan, out, task, model);
  if (!out.matrices.empty()) plan_parameters(plan, out, real);
  if (record.value("data", false) && task.n_train > 0) plan_data(plan, task, real);
  return out;
}

double record_bytes(const Settings& trial, const TaskShape& task, const ModelShape& model,
                    const ParameterLayout& layout) {
  // All in double: products may be beyond any memory. For the same reason the rows and columns of
  // the matrices are counted here and not made as axes.
  Settings rest = trial;
  rest["record"]["parameters"] = Settings();
  const RecordPlan plan = record_plan(rest, task, model, layout, true);
  double bytes = 0;
  for (const PlannedSeries& series : plan.series) {
    double n = static_cast<double>(bytes_of(series.type));
    for (const std::string& axis : series.axes) n *= static_cast<double>(plan.size_of(axis));
    bytes += n;
  }
  const Settings& kept = trial.at("record").at("parameters");
  const auto n_snapshots = record_steps(kept, trial.at("training").at("steps")).size();
  if (n_snapshots == 0) return bytes;
  const double a_number = trial.at("training").at("precision") == "float32" ? 4 : 8;
  for (const ParameterBlock& block : kept_matrices(kept, layout)) {
    const double n_heads = block.has_head_axis ? static_cast<double>(model.heads) : 1.0;
    bytes += static_cast<double>(n_snapshots) * n_heads * static_cast<double>(block.rows) *
             static_cast<double>(block.columns) * a_number;
  }
  return bytes;
}

}  // namespace attnlab

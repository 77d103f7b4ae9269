// recorder.cpp: filling the planned arrays, record by record.
#include "observe/recorder.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include "base/bytes.hpp"
#include "observe/measure.hpp"
#include "observe/record_plan.hpp"
#include "train/samples.hpp"

namespace attnlab {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Series blank(const RecordPlan& plan, const PlannedSeries& planned) {
  const auto n = static_cast<std::size_t>(plan.size_of(planned));
  Series out{planned.name, planned.axes, {}, planned.long_name, planned.unit};
  switch (planned.type) {
    case NumberType::float64: out.values = std::vector<double>(n, nan); break;
    case NumberType::float32:
      out.values = std::vector<float>(n, std::numeric_limits<float>::quiet_NaN());
      break;
    case NumberType::int64: out.values = std::vector<std::int64_t>(n, 0); break;
    case NumberType::int32: out.values = std::vector<std::int32_t>(n, 0); break;
  }
  return out;
}

// Where `step` stands among `steps`, if it does.
std::optional<Index> place(const std::vector<std::int64_t>& steps, std::int64_t step) {
  const auto found = std::lower_bound(steps.begin(), steps.end(), step);
  if (found == steps.end() || *found != step) return std::nullopt;
  return found - steps.begin();
}

}  // namespace

struct Recorder::Inside {
  RecordPlan plan;
  Records records;
  std::vector<Index> samples;  // of the attention snapshots
  std::vector<std::unique_ptr<Measure>> measures;

  class Row;

  Series* find(const std::string& name) {
    const auto found = std::find_if(records.series.begin(), records.series.end(),
                                    [&](const Series& series) { return series.name == name; });
    return found == records.series.end() ? nullptr : &*found;
  }

  // Writes row `row` of the series `name`, if it is kept; rows are along its first axis.
  template <class Numbers>
  void put(const std::string& name, Index row, const Numbers& numbers) {
    Series* const series = find(name);
    if (!series) return;
    std::visit(
        [&](auto& values) {
          using Number = typename std::remove_reference_t<decltype(values)>::value_type;
          std::transform(numbers.begin(), numbers.end(), values.begin() + row * std::ssize(numbers),
                         [](auto x) { return static_cast<Number>(x); });
        },
        series->values);
  }
  // The same for numbers that may be fewer than the row is long; the rest of it gets `rest`.
  template <class Numbers>
  void put_padded(const std::string& name, Index row, Index n, const Numbers& numbers,
                  double rest) {
    const Series* const series = find(name);
    if (!series) return;
    const Index width = std::visit([](const auto& v) { return std::ssize(v); }, series->values) /
                        std::max<Index>(plan.size_of(series->axes.front()), 1);
    std::vector<double> line(static_cast<std::size_t>(width), rest);
    std::copy_n(numbers.begin(), std::min({n, width, std::ssize(numbers)}), line.begin());
    put(name, row, line);
  }

  // What a sample holds a token, `width` numbers each, to where its tokens stand, for tasks that
  // leave tokens out; side by side if they do not stand in order. `rest` elsewhere.
  template <class Numbers>
  void put_placed(const std::string& name, Index row, Index n_tokens, Index width,
                  const std::vector<std::int32_t>& positions, const Numbers& numbers, double rest) {
    if (!find(name)) return;
    const bool in_order =
        std::adjacent_find(positions.begin(), positions.begin() + n_tokens,
                           std::greater_equal<>()) == positions.begin() + n_tokens;
    std::vector<double> line(positions.size() * static_cast<std::size_t>(width), rest);
    for (Index t = 0; t < n_tokens; ++t) {
      const Index place = in_order ? positions[static_cast<std::size_t>(t)] : t;
      std::copy_n(numbers.begin() + t * width, width, line.begin() + place * width);
    }
    put(name, row, line);
  }

  // How many numbers of `series` stood fast before `step`: whole rows of an axis of steps, nothing
  // of the training set (begin writes it), all of anything else.
  std::size_t n_numbers(const Series& series, std::int64_t step) const;

  void keep_samples(const TrialView& trial);
  void keep_data(const TrialView& trial);
};

// The row of one record, for a measure.
class Recorder::Inside::Row : public MeasureRow {
 public:
  Row(Inside& inside, Index row) : inside_(inside), row_(row) {}
  using MeasureRow::put;
  void put(std::string_view name, std::span<const double> numbers) override {
    inside_.put(std::string(name), row_, numbers);
  }

 private:
  Inside& inside_;
  Index row_;
};

Recorder::Recorder() : inside_(std::make_unique<Inside>()) {}
Recorder::~Recorder() = default;

// The tokens of the samples of the snapshots.
void Recorder::Inside::keep_samples(const TrialView& trial) {
  SampleBuffer buffer(trial.task);
  for (Index i = 0; i < plan.n_attention_samples; ++i) {
    samples.push_back(i);
    put("attention_sample", i, std::vector<Index>{i});
    if (trial.task.weighted) {  // keys are the tokens themselves
      std::vector<std::int32_t> ids(static_cast<std::size_t>(trial.task.vocabulary));
      std::iota(ids.begin(), ids.end(), 0);
      put("attention_tokens", i, ids);
      continue;
    }
    attnlab_sample& sample = buffer.fresh();
    if (trial.sample(i, sample))
      put_padded("attention_tokens", i, sample.n_tokens, buffer.tokens, 0);
  }
}

void Recorder::Inside::keep_data(const TrialView& trial) {
  const TaskShape& task = trial.task;
  const auto class_of = [](std::int32_t id) { return id > 0 ? 1 : 0; };
  const auto sign_of = [](std::int32_t id) { return id > 0 ? 1 : -1; };
  SampleBuffer buffer(task);
  const bool per_token = task.target_per_token || task.target == TargetKind::token;
  const double no_target =
      task.target == TargetKind::klass || task.target == TargetKind::token ? -1 : 0;
  for (Index i = 0; i < task.n_train; ++i) {
    attnlab_sample& sample = buffer.fresh();
    if (!trial.sample(i, sample)) return;
    const auto put_tokens = [&](const char* name, Index width, const auto& numbers, double rest) {
      put_placed(name, i, sample.n_tokens, width, buffer.positions, numbers, rest);
    };
    put_tokens("data_tokens", 1, buffer.tokens, 0);
    put_tokens("data_weights", 1, buffer.weights, 0);
    put_tokens("data_inputs", task.input_dim, buffer.inputs, 0);
    // What the loss compares: signs where one number answers, classes from 0 where each has its
    // own.
    if (task.target == TargetKind::sign && trial.model.outputs > 1) {
      std::ranges::transform(buffer.target_ids, buffer.target_ids.begin(), class_of);
    } else if (task.target == TargetKind::klass && trial.model.outputs == 1) {
      std::ranges::transform(buffer.target_ids, buffer.target_ids.begin(), sign_of);
    }
    const bool real = task.target == TargetKind::real;
    if (per_token && real) {
      put_tokens("data_targets", task.outputs, buffer.targets, 0);
    } else if (per_token) {
      put_tokens("data_targets", 1, buffer.target_ids, no_target);
    } else if (real) {
      put_padded("data_targets", i, task.outputs, buffer.targets, 0);
    } else {
      put_padded("data_targets", i, 1, buffer.target_ids, no_target);
    }
    put("data_group", i, std::vector<std::int32_t>{sample.group});
  }
}

void Recorder::begin(const TrialView& trial) {
  Inside& in = *inside_;
  in.plan = record_plan(trial.settings, trial.task, trial.model, trial.layout, trial.has_time);
  in.records = Records{};
  in.samples.clear();
  in.records.axes = in.plan.axes;
  for (const PlannedSeries& planned : in.plan.series)
    in.records.series.push_back(blank(in.plan, planned));
  if (!in.plan.attention_steps.empty()) in.keep_samples(trial);
  if (in.find("data_targets")) in.keep_data(trial);
  in.measures.clear();
  for (const MeasureKind* kind : in.plan.measures) {
    in.measures.push_back(kind->make());
    in.measures.back()->begin(trial);
  }
}

bool Recorder::wants(std::int64_t step) const {
  const RecordPlan& plan = inside_->plan;
  return place(plan.metric_steps, step) || place(plan.attention_steps, step) ||
         (!plan.matrices.empty() && place(plan.parameter_steps, step));
}

bool Recorder::wants_samples() const { return !inside_->measures.empty(); }

void Recorder::at(StepView& view) {
  Inside& in = *inside_;
  const auto one = [](double x) { return std::vector<double>{x}; };
  if (const auto row = place(in.plan.metric_steps, view.step())) {
    in.put("loss", *row, one(view.loss()));
    in.put("accuracy", *row, one(view.accuracy()));
    in.put("time", *row, one(view.time()));
    if (in.find("validation_loss")) in.put("validation_loss", *row, one(view.validation_loss()));
    if (in.find("validation_accuracy"))
      in.put("validation_accuracy", *row, one(view.validation_accuracy()));
    in.put("group_loss", *row, view.group_loss());
    in.put("grad_norm", *row, view.grad_norm());
    in.put("attention_entropy", *row, view.attention_entropy());
    in.records.final_loss = view.loss();
    in.records.final_accuracy = view.accuracy();
    Inside::Row to(in, *row);
    for (const auto& measure : in.measures) measure->at(view, to);
  }
  if (const auto row = place(in.plan.attention_steps, view.step())) {
    in.put("attention", *row, view.attention(in.samples));
  }
  if (const auto row = place(in.plan.parameter_steps, view.step())) {
    for (const ParameterBlock& block : in.plan.matrices) {
      in.put("parameter_" + block.name, *row, view.parameter(block));
    }
  }
}

std::size_t Recorder::Inside::n_numbers(const Series& series, std::int64_t step) const {
  const std::string& axis = series.axes.front();
  const std::size_t n = std::visit([](const auto& v) { return v.size(); }, series.values);
  const auto* const steps = axis == "record"           ? &plan.metric_steps
                            : axis == "attention_step" ? &plan.attention_steps
                            : axis == "parameter_step" ? &plan.parameter_steps
                                                       : nullptr;
  if (!steps) return axis == "data_sample" ? 0 : n;
  const auto n_rows = std::lower_bound(steps->begin(), steps->end(), step) - steps->begin();
  return steps->empty() ? 0 : n / steps->size() * static_cast<std::size_t>(n_rows);
}

std::string Recorder::content(std::int64_t step) const {
  const Inside& in = *inside_;
  ByteWriter out;
  out.number(step);
  out.number(in.records.final_loss);
  out.number(in.records.final_accuracy);
  out.number(static_cast<std::uint64_t>(in.records.series.size()));
  for (const Series& series : in.records.series) {
    out.text(series.name);
    out.number(static_cast<std::uint32_t>(series.values.index()));
    std::visit(
        [&](const auto& values) {
          out.numbers(std::span(values).first(in.n_numbers(series, step)));
        },
        series.values);
  }
  for (const auto& measure : in.measures) out.text(measure->content());
  return out.take();
}

bool Recorder::restore(std::string_view content) {
  Inside& in = *inside_;
  ByteReader from(content);
  std::int64_t step = 0;
  std::uint64_t n_series = 0;
  if (!from.number(step) || !from.number(in.records.final_loss) ||
      !from.number(in.records.final_accuracy) || !from.number(n_series) ||
      n_series != in.records.series.size()) {
    return false;
  }
  for (Series& series : in.records.series) {
    std::string_view name;
    std::uint32_t type = 0;
    if (!from.text(name) || name != series.name || !from.number(type) ||
        type != series.values.index()) {
      return false;
    }
    const bool fits = std::visit(
        [&](auto& values) {
          return from.numbers(std::span(values).first(in.n_numbers(series, step)));
        },
        series.values);
    if (!fits) return false;
  }
  for (const auto& measure : in.measures) {
    std::string_view kept;
    if (!from.text(kept) || !measure->restore(kept)) return false;
  }
  return from.at_end();
}

Records Recorder::take(const Ending& ending) {
  Records out = std::move(inside_->records);
  inside_->records = Records{};
  out.steps = ending.steps;
  out.parameters = ending.parameters;
  return out;
}

}  // namespace attnlab

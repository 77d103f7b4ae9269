// record_plan.hpp: which arrays a trial will leave behind, with axes and types, before it is
// trained. Pure.
//
// Axes: record, group, matrix, layer, head; attention_step, sample, query, key; parameter_step, and
// for the matrix W its own row_W and column_W; data_sample, data_token, data_dim, data_output. One
// name has one size in a trial.
#pragma once

#include "base/settings.hpp"
#include "base/task_shape.hpp"
#include "model/shape.hpp"
#include "observe/records.hpp"

namespace attnlab {

enum class NumberType { float64, float32, int64, int32 };
Index bytes_of(NumberType type);

struct PlannedSeries {
  std::string name;
  std::vector<std::string> axes;
  NumberType type = NumberType::float64;
  std::string long_name;
  std::string unit = "1";
};

struct MeasureKind;  // observe/measure.hpp

struct RecordPlan {
  std::vector<RecordAxis> axes;
  std::vector<PlannedSeries> series;
  std::vector<std::int64_t> metric_steps, attention_steps, parameter_steps;
  Index n_attention_samples = 0;
  std::vector<ParameterBlock> matrices;  // those whose numbers are kept
  std::vector<const MeasureKind*> measures;

  Index size_of(const std::string& axis) const;      // 1 if there is none of that name
  Index size_of(const PlannedSeries& series) const;  // numbers
};

// Measures that are unknown or do not fit are left out; chosen_measures says so before a run.
RecordPlan record_plan(const Settings& trial, const TaskShape& task, const ModelShape& model,
                       const ParameterLayout& layout, bool has_time);

}  // namespace attnlab

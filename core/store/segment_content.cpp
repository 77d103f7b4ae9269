// segment_content.cpp: what a finished trial is reduced to while it waits.
#include <algorithm>

#include "base/settings.hpp"
#include "store/files.hpp"
#include "store/segment.hpp"

namespace attnlab {
namespace {

std::int64_t seed_of(const Settings& settings) {
  const Settings* seed = find(settings, "seed");
  return seed != nullptr && seed->is_number() ? seed->get<std::int64_t>() : 0;
}

std::string bytes_of(const Series& series) {
  return std::visit(
      [](const auto& values) {
        return std::string(reinterpret_cast<const char*>(values.data()),
                           values.size() * sizeof(values[0]));
      },
      series.values);
}

}  // namespace

void SegmentContent::add(FinishedTrial trial, double finished_at) {
  One& one = trials_.emplace_back();
  one.id = trial.id;
  one.status = trial.status;
  one.error = clean_utf8(trial.error);
  one.seed = seed_of(trial.settings);
  one.steps = trial.records.steps;
  one.parameters = trial.records.parameters;
  one.final_loss = trial.records.final_loss;
  one.final_accuracy = trial.records.final_accuracy;
  one.finished_at = finished_at;
  one.provenance = std::move(trial.provenance);
  one.provenance.host = clean_utf8(one.provenance.host);
  n_bytes_ += sizeof one + one.error.size();
  if (trial.records.empty()) return;

  one.settings = clean_utf8(to_yaml(trial.settings));
  n_bytes_ += one.settings.size();
  CohortShape shape = shape_of(trial.records);
  const auto known = std::ranges::find(shapes_, shape);
  const auto c = static_cast<std::size_t>(known - shapes_.begin());
  if (known == shapes_.end()) {
    shapes_.push_back(std::move(shape));
    n_rows_.push_back(0);
  }
  one.cohort = static_cast<std::int32_t>(c);
  one.row = n_rows_[c]++;
  one.values.reserve(trial.records.series.size());
  for (Series& series : trial.records.series) {
    const std::string& bytes = one.values.emplace_back(bytes_of(series));
    n_bytes_ += sizeof(std::string) + bytes.size();
    series = {};  // large ones are never here twice
  }
}

void SegmentContent::clear() {
  trials_.clear();
  shapes_.clear();
  n_rows_.clear();
  n_bytes_ = 0;
}

}  // namespace attnlab

// measure.hpp: what a paper watches beside losses and norms: named groups of series, taken at every
// step of `record.metrics`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "observe/planner.hpp"
#include "train/train.hpp"

namespace attnlab {

// What is known of a trial before its first step.
struct MeasureContext {
  const Settings& trial;
  const TaskShape& task;
  const ModelShape& model;
  const ParameterLayout& layout;
};

// Where a measure puts the numbers of one record.
class MeasureRow {
 public:
  virtual ~MeasureRow() = default;
  // Fills the row of the series `name`, all its axes behind `record`, row-major.
  virtual void put(std::string_view name, std::span<const double> numbers) = 0;
  void put(std::string_view name, double number) { put(name, std::span(&number, 1)); }
};

class Measure {
 public:
  virtual ~Measure() = default;
  virtual void begin(const TrialView& trial) = 0;
  virtual void at(StepView& view, MeasureRow& row) = 0;
  // What it remembers of earlier steps (the start, running sums), for a checkpoint; and back.
  virtual std::string content() const { return {}; }
  virtual bool restore(std::string_view content) { return content.empty(); }
};

struct MeasureKind {
  std::string name;
  std::string sentence;  // what it records, with the paper
  bool automatic;        // taken by `record.measures: auto` wherever it fits
  // Why it cannot be taken in this trial; empty if it can.
  std::string (*unfit)(const MeasureContext& context);
  // Its series, each with `record` as the first axis, and the axes that they need.
  void (*plan)(const MeasureContext& context, Planner& planner);
  std::unique_ptr<Measure> (*make)();
};

// All that the program knows, in the order in which they are recorded.
const std::vector<MeasureKind>& measure_kinds();

// Those that `record.measures` asks for: auto, or names. Fails if one is unknown or does not fit.
Result<std::vector<const MeasureKind*>> chosen_measures(const MeasureContext& context);

}  // namespace attnlab

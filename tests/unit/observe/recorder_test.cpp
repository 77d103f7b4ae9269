// recorder_test.cpp: the arrays that a trial leaves behind: names, axes, types and what stands in
// them.
#include "observe/recorder.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "observe/record_bytes.hpp"
#include "support/trial.hpp"

namespace attnlab {
namespace {

using testing::trial_settings;
using Axes = std::vector<std::string>;

Records records_of(const Settings& settings, Ending* ending = nullptr) {
  Recorder recorder;
  const Ending end = testing::run(settings, recorder);
  if (ending) *ending = end;
  return recorder.take(end);
}

const Series& series(const Records& records, const std::string& name) {
  for (const Series& one : records.series) {
    if (one.name == name) return one;
  }
  throw std::out_of_range("no series " + name);
}
bool has(const Records& records, const std::string& name) {
  return std::any_of(records.series.begin(), records.series.end(),
                     [&](const Series& s) { return s.name == name; });
}
template <class Number>
const std::vector<Number>& numbers(const Records& records, const std::string& name) {
  return std::get<std::vector<Number>>(series(records, name).values);
}
Index size_of(const Records& records, const std::string& axis) {
  for (const RecordAxis& one : records.axes) {
    if (one.name == axis) return one.size();
  }
  throw std::out_of_range("no axis " + axis);
}

Settings with_everything() {
  return trial_settings(Settings::parse(R"({
    "task": {"plugin": "cooccurrence", "dim": 12, "sequence_length": 4, "samples": 12,
             "distinct_random_tokens": false, "validation_samples": 6},
    "training": {"steps": 6},
    "record": {"metrics": {"every": 4}, "attention": {"steps": [0, 3, "last"], "samples": 5},
               "parameters": {"steps": [0, "last"], "matrices": ["W_Q", "W_H2"]}, "data": true}})"));
}

TEST(Recorder, EverySeriesFitsItsAxesAndEveryAxisIsThereOnce) {
  const Records records = records_of(with_everything());
  std::set<std::string> names;
  for (const RecordAxis& axis : records.axes)
    EXPECT_TRUE(names.insert(axis.name).second) << axis.name;
  for (const Series& one : records.series) {
    Index n = 1;
    for (const std::string& axis : one.axes) n *= size_of(records, axis);
    EXPECT_EQ(std::visit([](const auto& v) { return std::ssize(v); }, one.values), n) << one.name;
    EXPECT_NE(one.long_name, "") << one.name;
  }
}

TEST(Recorder, HasTheContractsAxesAndTypes) {
  const Records records = records_of(with_everything());
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(records.axes.front().labels),
            (std::vector<std::int64_t>{0, 4, 6}));
  EXPECT_EQ(series(records, "loss").axes, Axes{"record"});
  EXPECT_EQ(series(records, "group_loss").axes, (Axes{"record", "group"}));
  EXPECT_EQ(series(records, "grad_norm").axes, (Axes{"record", "matrix"}));
  EXPECT_EQ(size_of(records, "matrix"), 4);  // W_Q W_K W_V W_H1: the signs of W_H2 are fixed
  EXPECT_EQ(series(records, "attention_entropy").axes, (Axes{"record", "layer", "head"}));
  EXPECT_EQ(series(records, "attention").axes,
            (Axes{"attention_step", "layer", "head", "sample", "query", "key"}));
  EXPECT_EQ(numbers<float>(records, "attention").size(), 3u * 5 * 4 * 4);
  EXPECT_EQ(numbers<std::int32_t>(records, "attention_tokens").size(), 5u * 4);
  EXPECT_EQ(numbers<std::int64_t>(records, "attention_sample"),
            (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(series(records, "parameter_W_Q").axes,
            (Axes{"parameter_step", "head", "row_W_Q", "column_W_Q"}));
  EXPECT_EQ(series(records, "parameter_W_H2").axes,
            (Axes{"parameter_step", "row_W_H2", "column_W_H2"}));
  EXPECT_EQ(numbers<double>(records, "parameter_W_Q").size(), 2u * 12 * 6);
  EXPECT_FALSE(has(records, "parameter_W_K"));
  EXPECT_FALSE(has(records, "time"));
  EXPECT_EQ(numbers<double>(records, "validation_accuracy").size(), 3u);
  EXPECT_EQ(numbers<std::int32_t>(records, "data_tokens").size(), 12u * 4);
  EXPECT_EQ(series(records, "data_targets").axes, Axes{"data_sample"});
  EXPECT_EQ(numbers<std::int32_t>(records, "data_group").size(), 12u);
}

TEST(Recorder, ItsNumbersAreThoseOfTheTrial) {
  const Records records = records_of(with_everything());
  for (const Series& one : records.series) {
    if (one.name == "random_score_change") continue;  // known at the last record only
    if (const auto* v = std::get_if<std::vector<double>>(&one.values)) {
      EXPECT_TRUE(std::all_of(v->begin(), v->end(), [](double x) { return std::isfinite(x); }))
          << one.name;
    }
  }
  const auto& attention = numbers<float>(records, "attention");
  for (std::size_t row = 0; row < attention.size(); row += 4) {
    EXPECT_NEAR(attention[row] + attention[row + 1] + attention[row + 2] + attention[row + 3], 1.0,
                1e-6);
  }
  for (const double entropy : numbers<double>(records, "attention_entropy")) {
    EXPECT_GT(entropy, 0.5);
    EXPECT_LE(entropy, std::log(4.0) + 1e-12);
  }
  EXPECT_EQ(records.final_loss, numbers<double>(records, "loss").back());
  EXPECT_EQ(records.final_accuracy, numbers<double>(records, "accuracy").back());
  EXPECT_EQ(records.steps, 6);
  EXPECT_EQ(records.parameters, 12 * 6 * 3 + 6 * 8 + 8);
  const auto& targets = numbers<std::int32_t>(records, "data_targets");
  EXPECT_EQ(std::count(targets.begin(), targets.end(), 1),
            6);  // half of the samples hold both words
  EXPECT_EQ(std::count(targets.begin(), targets.end(), -1), 6);
}

TEST(Recorder, TargetsOfTwoClassesAreNumberedFromZeroForCrossEntropy) {
  Settings settings = with_everything();
  settings["loss"] = "cross_entropy";
  settings["model"]["head"] = {{"classes", "from_task"}};
  settings["record"]["parameters"].erase("matrices");
  const Records records = records_of(settings);
  const auto& targets = numbers<std::int32_t>(records, "data_targets");
  EXPECT_EQ(std::count(targets.begin(), targets.end(), 1), 6);
  EXPECT_EQ(std::count(targets.begin(), targets.end(), 0), 6);
}

TEST(Recorder, TokensStandInTheDataWhereTheyStandInTheSample) {
  const auto tokens_of = [](bool drop_black) {
    Settings settings = trial_settings(Settings::parse(R"({
      "task": {"plugin": "pathfinder", "contour_length": 6, "samples": 2, "validation_samples": 0,
               "path": "", "drop_black": true, "equal_contrast": false},
      "loss": "cross_entropy", "model": {"embedding": "learned", "dim": 4, "key_dim": 4,
               "value_dim": 4, "head": {"classes": "from_task"}},
      "training": {"steps": 1}, "record": {"attention": {"steps": []}, "data": true}})"));
    settings["model"]["head"] = {{"classes", "from_task"}};
    settings["record"]["attention"] = {{"steps", Settings::array()}, {"samples", 0}};
    settings["task"]["drop_black"] = drop_black;
    return numbers<std::int32_t>(records_of(settings), "data_tokens");
  };
  const auto whole = tokens_of(false);
  EXPECT_GT(std::count(whole.begin(), whole.end(), 0), 1024);
  EXPECT_EQ(tokens_of(true), whole);
}

TEST(Recorder, ADivergedTrialKeepsTheShapesOfItsPlan) {
  Settings settings = with_everything();
  settings["training"]["steps"] = 400;
  settings["training"]["precision"] = "float32";
  const Records whole = records_of(settings);
  settings["optimizer"]["learning_rate"] = 1e12;
  Ending ending;
  const Records broken = records_of(settings, &ending);
  ASSERT_EQ(ending.status, TrialStatus::diverged);
  EXPECT_EQ(broken.axes, whole.axes);
  ASSERT_EQ(broken.series.size(), whole.series.size());
  for (std::size_t s = 0; s < whole.series.size(); ++s) {
    EXPECT_EQ(broken.series[s].values.index(), whole.series[s].values.index());
    EXPECT_EQ(broken.series[s].axes, whole.series[s].axes);
  }
  EXPECT_TRUE(std::isfinite(numbers<double>(broken, "loss").front()));
  EXPECT_TRUE(std::isnan(numbers<double>(broken, "loss").back()));
  EXPECT_EQ(numbers<float>(broken, "parameter_W_Q").size(),
            2u * 12 * 6);  // float32 training, float32 parameters
}

TEST(Recorder, DenseInputsAndRealTargetsAreKept) {
  const Settings settings = trial_settings(Settings::parse(R"({
    "task": {"plugin": "token_regression", "samples": 2, "tokens": 3, "dim": 4, "outputs": 2,
             "inputs": {"normal": 1.0}, "targets": {"normal": 1.0}},
    "loss": "squared",
    "model": {"embedding": "learned", "dim": 4, "key_dim": 2, "value_dim": 3, "output_projection": true, "readout": "tokens",
              "head": "none"},
    "training": {"steps": 2}, "record": {"data": true}})"));
  Ending ending;
  const Records records = records_of(settings, &ending);
  ASSERT_EQ(ending.error, "");
  EXPECT_FALSE(has(records, "accuracy"));
  EXPECT_FALSE(has(records, "attention_tokens"));
  EXPECT_EQ(series(records, "data_inputs").axes, (Axes{"data_sample", "data_token", "data_dim"}));
  EXPECT_EQ(series(records, "data_targets").axes,
            (Axes{"data_sample", "data_token", "data_output"}));
  EXPECT_EQ(numbers<double>(records, "data_targets").size(), 2u * 3 * 2);
  for (const double x : numbers<double>(records, "data_inputs")) EXPECT_NE(x, 0.0);
}

}  // namespace
}  // namespace attnlab

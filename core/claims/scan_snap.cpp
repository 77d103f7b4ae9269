// scan_snap.cpp: sizes and series of a token_classes trial.
#include "claims/scan_snap.hpp"

#include <algorithm>
#include <cmath>

#include "claims/judging.hpp"
#include "claims/series.hpp"

namespace attnlab {

const std::vector<std::string> scan_series{"class_attention", "class_logit", "common_mass",
                                           "distinct_entropy"};

double matrix_rate(const Settings& trial, const std::string& matrix) {
  const std::string path = "optimizer.learning_rate";
  return number_setting(
      trial, path,
      number_setting(trial, path + "." + matrix, number_setting(trial, path + ".default", 1)));
}

ScanTrial::ScanTrial(const TrialRecords& trial)
    : c(*trial.series("class_attention")),
      z(*trial.series("class_logit")),
      common(*trial.series("common_mass")),
      entropy(*trial.series("distinct_entropy")) {
  const auto size = [&](const char* key) {
    return static_cast<Index>(number_setting(trial, std::string("task.") + key, 1));
  };
  queries = size("num_last");
  classes = queries * size("num_next_per_last");
  shared = size("num_common") + size("num_common_per_last");
  unique = size("num_unique_per_next");
  width = shared + unique;
  vocabulary = size("num_common") + queries * size("num_common_per_last") + classes * unique +
               queries + classes;
  level = level_of(trial);
  rate_Y = matrix_rate(trial.settings(), "Y");
  rate_Z = matrix_rate(trial.settings(), "Z");
  t0 = 2 * static_cast<double>(classes) * std::log(static_cast<double>(vocabulary)) / rate_Y;
  const auto flow_time = trial.series("time");
  time = flow_time ? flow_time->values : trial.scale("record");
  double sum = 0;
  for (Index e = 0; e < width; ++e) {
    const Index of = e - shared;
    p.push_back(of < 0 ? 1.0
                : unique == 1
                    ? 0.1
                    : 0.1 + 0.9 * static_cast<double>(of) / static_cast<double>(unique - 1));
    sum += p.back();
  }
  for (double& x : p) x /= sum;
}

bool has_scan_series(const TrialRecords& trial) {
  const auto is_there = [&](const std::string& name) { return trial.series(name).has_value(); };
  return trial.done() && std::ranges::all_of(scan_series, is_there);
}

Level level_of(const TrialRecords& trial) {
  if (setting(trial, "model.parameterization") == "slaved_decoder") return Level::theory;
  return setting(trial, "task.population") == "true" ? Level::flow : Level::sampled;
}

std::vector<Finding> for_each_scan(const Trials& trials, double bound,
                                   Finding (*judge)(const TrialRecords&, const ScanTrial&),
                                   const std::vector<std::string>& more) {
  std::vector<std::string> needed = scan_series;
  needed.insert(needed.end(), more.begin(), more.end());
  return for_each_trial(trials, needed, bound, [judge](const TrialRecords& trial) {
    return judge(trial, ScanTrial(trial));
  });
}

Finding endless_only(double bound) {
  return cannot_judge("", bound, "exact for endless sequences only (population: true)");
}

double ScanTrial::mean_common(Index s) const {
  double sum = 0;
  for (Index n = 0; n < classes; ++n) sum += common.at(s, n);
  return sum / static_cast<double>(classes);
}

double ScanTrial::mean_entropy(Index s) const {
  double sum = 0;
  for (Index n = 0; n < classes; ++n) sum += entropy.at(s, n);
  return sum / static_cast<double>(classes);
}

double ScanTrial::moved(Index s, Index r) const {
  double sum = 0;
  for (Index k = 0; k < classes * width; ++k) sum += std::abs(c.at(s, k) - c.at(r, k));
  return sum;
}

}  // namespace attnlab

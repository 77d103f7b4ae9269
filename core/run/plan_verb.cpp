// plan_verb.cpp: `attnlab plan GRID.yaml`.
#include <algorithm>
#include <iostream>
#include <optional>
#include <span>

#include "base/number_text.hpp"
#include "plan/text.hpp"
#include "run/look.hpp"
#include "run/machine.hpp"
#include "run/predict.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"

namespace attnlab {
namespace {

void warn_of_memory(std::span<const Examined> examined) {
  const std::vector<TrialCost> costs = costs_of(examined);
  const auto largest = std::ranges::max_element(costs, {}, &TrialCost::working_bytes);
  if (largest == costs.end() || largest->working_bytes <= memory_bytes()) return;
  warn("trial " + std::to_string(largest - costs.begin()) + " needs about " +
       bytes_text(largest->working_bytes) + " of memory and this machine offers " +
       bytes_text(memory_bytes()) + "; run it on a larger one");
}

}  // namespace

int plan_verb(const Options& options) {
  const auto format = plan_format(options.format);
  if (!format) return complain(format.errors());
  const auto read = read_plan(options.grid, options.overrides,
                              plugin_folders(options.plugin_folders, installed_plugins()));
  if (!read) return complain(read.errors());
  for (const Error& refused : read->plugins.refused()) warn(sentence(refused));
  // A plan may be made on a machine that is too small to run it.
  const auto examined = look_at_all(*read, options, most_memory);
  if (!examined) return complain(examined.errors());
  warn_of_memory(*examined);
  std::vector<Estimate> estimates;
  for (const Examined& trial : *examined) estimates.push_back(trial.estimate);
  std::optional<Prediction> prediction;
  if (options.ranks || options.threads > 0) {
    const int threads = options.threads > 0 ? options.threads : default_threads(cores(), 1);
    auto made = predict(read->plan, read->plugins, *examined, options.ranks.value_or(1), threads);
    if (!made) return complain(made.errors());
    prediction = *std::move(made);
  }
  const Settings json = prediction ? to_json(*prediction) : Settings();
  write_plan(std::cout, read->plan, estimates, *format, json);
  if (prediction && *format == PlanFormat::table) std::cout << to_text(*prediction);
  if (prediction && *format == PlanFormat::csv) std::cerr << to_text(*prediction);
  std::cout.flush();
  return 0;
}

}  // namespace attnlab

// examine.cpp: one look at each kind of trial.
#include "run/examine.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/number_text.hpp"
#include "model/shape.hpp"
#include "observe/measure.hpp"
#include "observe/record_bytes.hpp"
#include "run/machine.hpp"
#include "train/task_cache.hpp"
#include "train/train.hpp"

namespace attnlab {
namespace {

// Which swept paths change what a trial needs.
std::vector<std::size_t> telling_paths(const Plan& plan) {
  std::vector<std::size_t> telling;
  const auto& paths = plan.swept_paths();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i] != "seed") telling.push_back(i);
  }
  return telling;
}

std::string kind_of(const Trial& trial, const std::vector<std::size_t>& telling) {
  std::string kind;
  for (const std::size_t i : telling) kind += canonical(trial.swept[i]) + '\n';
  return kind;
}

// What the recorder will keep; 0 if the model does not fit the task, which examine says in a
// sentence. Fails if a measure cannot be taken.
Result<double> result_bytes(const Settings& settings, const Plugins& plugins,
                            const std::filesystem::path& folder, TaskCache& cache) {
  const auto task = task_source(settings, plugins, folder, &cache);
  if (!task) return 0.0;
  const TaskShape& shape = (*task)->task().shape();
  const auto model = model_shape(settings, shape);
  if (!model) return 0.0;
  const auto layout = parameter_layout(*model, settings);
  if (!layout) return 0.0;
  if (const auto measures = chosen_measures({settings, shape, *model, *layout}); !measures)
    return measures.errors();
  return record_bytes(settings, shape, *model, *layout);
}

double needed(const Estimate& estimate) { return estimate.working_bytes + estimate.result_bytes; }

Error too_large(const Plan& plan, Index trial, double bytes, double memory) {
  return {plan.grid().file,
          "trial " + std::to_string(trial) + " needs about " + bytes_text(bytes) +
              " of memory and this machine offers " + bytes_text(memory),
          "use smaller sizes or record less", Blame::user};
}

}  // namespace

Result<Examined> examine_one(const Settings& settings, const Plugins& plugins,
                             const std::filesystem::path& folder, TaskCache& cache) {
  auto estimate = examine(settings, plugins, folder, &cache);
  if (!estimate) return estimate.errors();
  const auto bytes = result_bytes(settings, plugins, folder, cache);
  if (!bytes) return bytes.errors();
  estimate->result_bytes = *bytes;
  const Settings* steps = find(settings, "training.steps");
  const double n = steps != nullptr && steps->is_number() ? steps->get<double>() : 1.0;
  return Examined{*estimate, estimate->flops / std::max(n, 1.0)};
}

std::string task_report(const Settings& settings, const Plugins& plugins,
                        const std::filesystem::path& folder, TaskCache& cache) {
  const auto task = task_source(settings, plugins, folder, &cache);
  return task ? (*task)->task().shape().report : "";
}

Result<std::vector<Examined>> examine_all(const Plan& plan, const Plugins& plugins,
                                          std::span<const Index> trials, double memory) {
  TaskCache cache;
  return examine_all(plan, trials, memory, [&](const Settings& settings) {
    return examine_one(settings, plugins, plan.grid().folder, cache);
  });
}

Result<std::vector<Examined>> examine_all(const Plan& plan, std::span<const Index> trials,
                                          double memory, const Look& look) {
  const std::vector<std::size_t> telling = telling_paths(plan);
  std::unordered_map<std::string, Examined> known;
  std::vector<Examined> examined;
  examined.reserve(trials.size());
  Errors errors;
  for (const Index number : trials) {
    const auto [place, is_new] = known.try_emplace(kind_of(plan.trial(number), telling));
    if (is_new) {
      const auto one = look(plan.settings(number));
      if (one) {
        place->second = *one;
        const double bytes = needed(one->estimate);
        if (bytes > memory) errors.push_back(too_large(plan, number, bytes, memory));
      } else {
        for (Error error : one.errors()) {
          const std::string& file = plan.grid().file;
          error.where = error.where.empty() ? file : file + ": " + error.where;
          if (std::ranges::find(errors, error) == errors.end()) errors.push_back(error);
        }
      }
      constexpr std::size_t enough = 50;
      if (errors.size() >= enough) return errors;
    }
    examined.push_back(place->second);
  }
  if (!errors.empty()) return errors;
  return examined;
}

std::vector<TrialCost> costs_of(std::span<const Examined> trials) {
  std::vector<TrialCost> costs;
  costs.reserve(trials.size());
  for (const Examined& trial : trials) {
    costs.push_back({trial.flops_per_step, trial.estimate.flops, needed(trial.estimate)});
  }
  return costs;
}

}  // namespace attnlab

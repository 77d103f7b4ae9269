// examine.cpp: one look at each kind of trial.
#include "run/examine.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/number_text.hpp"
#include "model/shape.hpp"
#include "observe/measure.hpp"
#include "observe/measure_names.hpp"
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

// Lists of steps are made in memory: a trial that records more often is a mistake.
void check_steps(const Settings& settings, const std::string& series, Errors& errors) {
  constexpr std::int64_t most = 20'000'000;
  const Settings* last = find(settings, "training.steps");
  const Settings* every = find(settings, "record." + series + ".every");
  const Settings* log_spaced = find(settings, "record." + series + ".log_spaced");
  std::int64_t n = 0;
  if (last && every && last->is_number() && every->is_number())
    n = last->get<std::int64_t>() / std::max<std::int64_t>(every->get<std::int64_t>(), 1);
  if (log_spaced && log_spaced->is_number()) n = log_spaced->get<std::int64_t>();
  if (n <= most) return;
  errors.push_back({"record." + series,
                    std::to_string(n) + " records in one trial need at least " +
                        bytes_text(16.0 * static_cast<double>(n)) + " of memory; the most is " +
                        std::to_string(most),
                    "record less often"});
}

// What is wrong with `record` whatever the trial is.
Errors mistakes_of_records(const Settings& settings) {
  Errors errors = unknown_measures(settings);
  for (const char* series : {"metrics", "attention", "parameters"})
    check_steps(settings, series, errors);
  return errors;
}

// A training set that is kept has its samples numbered in memory.
Result<Done> check_data(const Settings& settings, const TaskShape& task) {
  constexpr Index most = 100'000'000;
  const Settings* data = find(settings, "record.data");
  if (!data || *data != true || task.n_train <= most) return Done{};
  return Error{"record.data",
               "keeping " + std::to_string(task.n_train) + " samples needs at least " +
                   bytes_text(8.0 * static_cast<double>(task.n_train)) +
                   " of memory; the most is " + std::to_string(most) + " samples",
               "leave record.data out, or take fewer samples"};
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
  if (const auto checked = check_data(settings, shape); !checked) return checked.errors();
  return record_bytes(settings, shape, *model, *layout);
}

double needed(const Estimate& estimate) { return estimate.working_bytes + estimate.result_bytes; }

// Where the key at `path`, or the nearest one above it, stands in the grid file: in `sweep` if it
// is swept, else in `trial`.
std::string place_of(const Grid& grid, std::string path) {
  for (;;) {
    for (const Axis& axis : grid.axes) {
      const auto swept = std::ranges::find(axis.paths, path);
      if (swept != axis.paths.end())
        return place(grid.file, grid.overrides,
                     axis.path_marks[static_cast<std::size_t>(swept - axis.paths.begin())]);
    }
    if (const auto at = grid.places.find(path); at != grid.places.end())
      return place(grid.file, grid.overrides, at->second.key);
    if (path.empty()) return grid.file;
    const std::size_t dot = path.rfind('.');
    path.resize(dot == std::string::npos ? 0 : dot);
  }
}

// What a look calls the place of a mistake: a path ("model.head"), or words about a plugin.
std::string path_in(const std::string& where) {
  for (const char* kind : {"task", "optimizer"}) {
    if (where.starts_with(std::string(kind) + " plugin")) return kind;
  }
  return where.starts_with("kernel plugin") ? "model.attention.kernel" : where;
}

Error too_large(const Plan& plan, Index trial, double bytes, double memory) {
  return {place_of(plan.grid(), ""),
          "trial " + std::to_string(trial) + " needs about " + bytes_text(bytes) +
              " of memory and " +
              (memory < most_memory ? "this machine offers " : "no machine has more than ") +
              bytes_text(memory),
          "use smaller sizes or record less", Blame::user};
}

}  // namespace

Result<Examined> examine_one(const Settings& settings, const Plugins& plugins,
                             const std::filesystem::path& folder, TaskCache& cache) {
  Errors errors = mistakes_of_records(settings);
  const bool listable = errors.empty();
  const auto collect = [&errors](const auto& result) {
    if (!result) errors.insert(errors.end(), result.errors().begin(), result.errors().end());
  };
  auto estimate = examine(settings, plugins, folder, &cache);
  collect(estimate);
  const auto bytes = listable ? result_bytes(settings, plugins, folder, cache) : Result(0.0);
  collect(bytes);
  if (!errors.empty()) return errors;
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
          const std::string spot = place_of(plan.grid(), path_in(error.where));
          error.where = error.where.empty() ? spot : spot + ": " + error.where;
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

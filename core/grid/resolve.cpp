// resolve.cpp: a trial's settings, part by part; the small parts are here.
#include "grid/resolve.hpp"

#include <algorithm>

#include "base/nearest.hpp"
#include "grid/grid.hpp"
#include "grid/path.hpp"

namespace attnlab {
namespace {

Settings resolve_seed(const Settings* given, Complaints& complaints) {
  if (!given) return 1;
  Settings seed = as_integer(*given, "seed", {0, 9223372036854775807.0}, complaints);
  return seed.is_null() ? Settings(1) : seed;
}

Settings resolve_loss(const Settings* given, Complaints& complaints) {
  static const std::vector<std::string> losses{"logistic", "cross_entropy", "squared"};
  if (!given) return losses.front();
  Settings loss = as_choice(*given, "loss", losses, complaints);
  return loss.is_null() ? Settings(losses.front()) : loss;
}

Settings resolve_training(const Settings* given, Complaints& complaints) {
  Fields training(given, "training", complaints);
  training.integer("steps", 1000, {1, largest_count});
  const Settings* batch = training.take("batch");
  training.put("batch", "full");
  if (batch && batch->is_string() && *batch != "full") {
    training.complain("batch", "'batch' must be full or a whole number from 1, not " + noun(*batch),
                      word_hint(*batch, {"full"}, "write `batch: full` or `batch: 32`"));
  } else if (batch && !batch->is_string()) {
    Settings number = as_integer(*batch, "training.batch", {1, largest_size}, complaints);
    if (!number.is_null()) training.put("batch", std::move(number));
  }
  training.choice("precision", {"float32", "float64"}, "float64");
  return training.finish("training");
}

Settings resolve_task(const Settings* given, const Catalogue& catalogue, Complaints& complaints) {
  const Settings spelt = given && given->is_string() ? spelt_out("task", *given) : Settings();
  Fields task(spelt.is_object() ? &spelt : given, "task", complaints);
  if (const PluginDescription* plugin =
          resolve_plugin(task, PluginKind::task, "cooccurrence", catalogue)) {
    resolve_options(task, *plugin, catalogue);
  }
  return task.take_result();
}

}  // namespace

Settings resolve_part(const std::string& part, const Settings* given, const Catalogue& catalogue,
                      Complaints& complaints) {
  if (part == "loss") return resolve_loss(given, complaints);
  if (part == "model") return resolve_model(given, catalogue, complaints);
  if (part == "optimizer") return resolve_optimizer(given, catalogue, complaints);
  if (part == "record") return resolve_record(given, complaints);
  if (part == "seed") return resolve_seed(given, complaints);
  if (part == "task") return resolve_task(given, catalogue, complaints);
  return resolve_training(given, complaints);
}

void check_parts(const Settings& trial, Complaints& complaints) {
  static const std::vector<std::string> of_the_file{"name", "description", "sweep", "claims"};
  for (const auto& [key, value] : trial.items()) {
    if (std::ranges::find(trial_parts, key) != trial_parts.end()) continue;
    std::string hint = suggestion(key, trial_parts);
    if (std::ranges::find(of_the_file, key) != of_the_file.end()) {
      hint = "it belongs beside `trial`, not into it";
    } else if (key == "trial") {
      hint = "paths are relative to `trial`: leave `trial.` out";
    } else if (const auto dot = key.find('.');
               dot != std::string::npos &&
               std::ranges::find(trial_parts, key.substr(0, dot)) != trial_parts.end()) {
      hint = "write mappings in each other here, not a path with dots";
    }
    complaints.push_back({key, "trial has no key '" + key + "'", hint, true});
  }
}

Result<Settings> resolve(const Settings& given, const Catalogue& catalogue) {
  if (!given.is_object() && !given.is_null()) {
    return Error{"", "the settings of a trial must be a mapping, not " + noun(given), ""};
  }
  Complaints complaints;
  check_parts(given, complaints);
  Settings resolved = Settings::object();
  for (const std::string& part : trial_parts) {
    const auto found = given.find(part);
    resolved[part] =
        resolve_part(part, found == given.end() ? nullptr : &*found, catalogue, complaints);
  }
  if (complaints.empty()) return resolved;
  Errors errors;
  for (Complaint& complaint : complaints) {
    errors.push_back({std::move(complaint.path), std::move(complaint.what),
                      std::move(complaint.hint), Blame::user});
  }
  return errors;
}

}  // namespace attnlab

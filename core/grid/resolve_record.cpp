// resolve_record.cpp: the part `record` of a trial's settings: at which steps what is kept.
#include <algorithm>

#include "grid/resolve.hpp"

namespace attnlab {
namespace {

// A list of steps, sorted, each once, `last` at the end.
Settings resolve_steps(const Settings& given, const std::string& path, Complaints& complaints) {
  if (!given.is_array()) {
    complaints.push_back(
        {path, "'steps' must be a list, not " + noun(given), "write `[0, 10, last]`"});
    return Settings::array();
  }
  std::vector<std::int64_t> steps;
  bool last = false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == "last") {
      last = true;
      continue;
    }
    const std::string here = path + "[" + std::to_string(i) + "]";
    if (given[i].is_string()) {
      complaints.push_back({here, "a step must be a whole number or last, not " + noun(given[i]),
                            "write `[0, 10, last]`"});
      continue;
    }
    const Settings step = as_integer(given[i], here, {0, largest_count}, complaints);
    if (!step.is_null()) steps.push_back(step.get<std::int64_t>());
  }
  std::ranges::sort(steps);
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  Settings out = steps;
  if (last) out.push_back("last");
  return out;
}

// One of every, log_spaced and steps; `key` and `fallback` if there is none.
void resolve_rule(Fields& what, const std::string& key, Settings fallback) {
  int n_rules = 0;
  const Settings* steps = what.take("steps");
  for (const std::string rule : {"every", "log_spaced"}) {
    if (what.has(rule)) {
      ++n_rules;
      what.integer(rule, 1, {1, largest_count});
    }
    what.take(rule);
  }
  if (steps) {
    ++n_rules;
    what.put("steps", resolve_steps(*steps, what.path_of("steps"), what.complaints()));
  }
  if (n_rules == 0) what.put(key, std::move(fallback));
  if (n_rules > 1) {
    what.complaints().push_back({what.path(), "every, log_spaced and steps exclude each other",
                                 "give one of them", true, "", true});
  }
}

// auto, or a list of names, sorted, each once. Whether they are known and fit is said by `observe`.
Settings resolve_measures(const Settings* given, Complaints& complaints) {
  if (given == nullptr || given->is_null() || *given == "auto") return "auto";
  if (*given == "none") return Settings::array();
  std::vector<std::string> names;
  const auto is_text = [](const Settings& name) { return name.is_string(); };
  if (!given->is_array() || !std::ranges::all_of(*given, is_text)) {
    complaints.push_back({"record.measures", "'measures' must be auto, none or a list of names",
                          word_hint(*given, {"auto", "none"}, "write `measures: auto`")});
    return "auto";
  }
  for (const Settings& name : *given) names.push_back(name.get<std::string>());
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

Settings resolve_record(const Settings* given, Complaints& complaints) {
  Fields record(given, "record", complaints);

  Fields metrics(record.take("metrics"), "record.metrics", complaints);
  resolve_rule(metrics, "every", 10);
  metrics.boolean("full_loss", false);
  record.put("metrics", metrics.finish("metrics"));

  Fields attention(record.take("attention"), "record.attention", complaints);
  resolve_rule(attention, "steps", {0, "last"});
  attention.integer("samples", 8, {1, largest_size});
  record.put("attention", attention.finish("attention"));

  Fields parameters(record.take("parameters"), "record.parameters", complaints);
  resolve_rule(parameters, "steps", Settings::array());
  parameters.put("matrices", resolve_matrices(parameters.take("matrices"),
                                              "record.parameters.matrices", complaints));
  record.put("parameters", parameters.finish("parameters"));

  record.put("measures", resolve_measures(record.take("measures"), complaints));
  record.boolean("data", false);
  Fields checkpoint(record.take("checkpoint"), "record.checkpoint", complaints);
  checkpoint.real("every_seconds", 300.0, {.minimum = 0, .open_below = true});
  record.put("checkpoint", checkpoint.finish("checkpoint"));
  return record.finish("record");
}

}  // namespace attnlab

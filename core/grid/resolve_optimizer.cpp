// resolve_optimizer.cpp: the part `optimizer` of a trial's settings.
#include "grid/path.hpp"
#include "grid/resolve.hpp"

namespace attnlab {
namespace {

Settings resolve_rates(const Settings* given, double fallback, Complaints& complaints) {
  const std::string path = "optimizer.learning_rate";
  if (!given) return fallback;
  if (!given->is_object()) {
    Settings rate = as_real(*given, path, {.minimum = 0}, complaints);
    return rate.is_null() ? Settings(fallback) : rate;
  }
  if (given->size() == 1 && given->contains("jacobian")) {
    Settings share = as_real(given->at("jacobian"), path + ".jacobian",
                             {.minimum = 0, .open_below = true}, complaints);
    return {{"jacobian", share.is_null() ? Settings(0.5) : share}};
  }
  Settings rates{{"default", fallback}};
  for (const auto& [name, rate] : given->items()) {
    const std::string here = path + "." + name;
    if (name != "default") check_matrix_name(name, here, true, complaints, {"default", "jacobian"});
    rates[name] = as_real(rate, here, {.minimum = 0}, complaints);
  }
  return rates;
}

Settings resolve_schedule(const Settings* given, Complaints& complaints) {
  const std::string path = "optimizer.schedule";
  const Settings spelt = given && given->is_string() ? spelt_out(path, *given) : Settings();
  Fields schedule(spelt.is_object() ? &spelt : given, path, complaints);
  schedule.choice("shape", {"constant", "warm_up", "cosine", "one_cycle", "warm-up"}, "constant");
  if (schedule["shape"] == "warm-up") schedule.put("shape", "warm_up");
  const bool one_cycle = schedule["shape"] == "one_cycle";
  schedule.integer("warm_up", nullptr, {0, largest_count});
  if (schedule["shape"] == "constant" && schedule["warm_up"].is_number() &&
      schedule["warm_up"] != 0) {
    complaints.push_back({path + ".warm_up", "a constant schedule does not warm up",
                          "write `shape: warm_up`, which is constant after the warm-up"});
  }
  if (schedule["warm_up"].is_null() && !one_cycle && schedule["shape"] != "warm_up")
    schedule.put("warm_up", 0);  // the other two keep null: a share of the updates
  schedule.real("start_factor", nullptr, {.minimum = 0});
  schedule.real("final_factor", nullptr, {.minimum = 0});
  if (schedule["start_factor"].is_null()) schedule.put("start_factor", one_cycle ? 0.04 : 0.0);
  if (schedule["final_factor"].is_null()) schedule.put("final_factor", one_cycle ? 1e-4 : 0.0);
  schedule.boolean("cycle_momentum", true);
  return schedule.finish("schedule");
}

Settings resolve_clip(const Settings* given, Complaints& complaints) {
  const std::string path = "optimizer.clip";
  if (!given || given->is_null() || *given == "none") return "none";
  if (!given->is_object() || given->size() != 1) {
    complaints.push_back(
        {path,
         "'clip' must be none, {value: x} or {norm: x}, not " +
             (given->is_object() ? "a mapping with " + std::to_string(given->size()) + " keys"
                                 : noun(*given)),
         "write `clip: {norm: 1.0}`"});
    return "none";
  }
  Fields clip(given, path, complaints);
  for (const std::string key : {"value", "norm"}) {
    if (clip.has(key)) clip.real(key, 1.0, {.minimum = 0, .open_below = true});
  }
  clip.take("value");
  clip.take("norm");
  return clip.finish("clip");
}

}  // namespace

Settings resolve_optimizer(const Settings* given, const Catalogue& catalogue,
                           Complaints& complaints) {
  const Settings spelt = given && given->is_string() ? spelt_out("optimizer", *given) : Settings();
  Fields optimizer(spelt.is_object() ? &spelt : given, "optimizer", complaints);
  const PluginDescription* plugin =
      resolve_plugin(optimizer, PluginKind::optimizer, "gradient_descent", catalogue);
  optimizer.put("learning_rate",
                resolve_rates(optimizer.take("learning_rate"),
                              plugin ? plugin->default_learning_rate : 0.01, complaints));
  optimizer.put("schedule", resolve_schedule(optimizer.take("schedule"), complaints));
  optimizer.put("clip", resolve_clip(optimizer.take("clip"), complaints));
  if (plugin) resolve_options(optimizer, *plugin, catalogue);
  return optimizer.take_result();
}

}  // namespace attnlab

// second_look.cpp: looks at the trials with the defaults of their faulty parts, and believes only
// what does not follow from these.
#include "run/second_look.hpp"

#include <numeric>

#include "run/examine.hpp"
#include "run/isolate.hpp"
#include "run/machine.hpp"
#include "train/task_cache.hpp"

namespace attnlab {
namespace {

// May a mistake found at `where` (a path, or words about a plugin) follow from a faulty part? The
// task is none of them.
bool is_doubtful(const std::string& where, const std::set<std::string>& faulty) {
  if (where.starts_with("task plugin")) return false;
  for (const char* part : {"loss", "model", "training"})
    if (faulty.contains(part)) return true;
  return faulty.contains(where.substr(0, where.find_first_of(". ")));
}

}  // namespace

Errors second_look(const Reading& reading, const Plugins& plugins) {
  const std::set<std::string>& faulty = reading.faulty;
  if (!reading.has_trials || faulty.contains("task")) return {};
  const auto plan = Plan::make(reading.grid, plugins.catalogue());
  if (!plan) return plan.errors();

  std::vector<Index> all(static_cast<std::size_t>(plan->size()));
  std::iota(all.begin(), all.end(), Index{0});
  const PluginNames foreign = foreign_plugins(plugins.catalogue(), installed_plugins());
  TaskCache cache;
  const auto examined =
      examine_all(*plan, all, most_memory, [&](const Settings& settings) -> Result<Examined> {
        // Foreign plugins are looked at in children only, and no child is worth it here.
        for (const auto& plugin : plugins_of(settings))
          if (foreign.contains(plugin)) return Examined{};
        const auto one = examine_one(settings, plugins, reading.grid.folder, cache);
        if (one) return faulty.empty() ? *one : Examined{};
        Errors sure;
        for (const Error& error : one.errors())
          if (faulty.empty() || !is_doubtful(error.where, faulty)) sure.push_back(error);
        if (sure.empty()) return Examined{};
        return sure;
      });
  return examined ? Errors{} : examined.errors();
}

}  // namespace attnlab

// look.cpp: what plan and submit ask before they answer.
#include "run/look.hpp"

#include <numeric>

#include "run/isolate.hpp"
#include "run/machine.hpp"
#include "run/slots.hpp"
#include "run/speak.hpp"
#include "train/task_cache.hpp"

namespace attnlab {

Result<std::vector<Examined>> look_at_all(const ReadPlan& read, const Options& options,
                                          double memory) {
  std::vector<Index> all(static_cast<std::size_t>(read.plan.size()));
  std::iota(all.begin(), all.end(), Index{0});
  PluginNames foreign = foreign_plugins(read.plugins.catalogue(), installed_plugins());
  if (foreign.empty()) return examine_all(read.plan, read.plugins, all, memory);

  const auto folders = plugin_folders(options.plugin_folders, installed_plugins());
  Forgiveness forgive(foreign);
  const TrialSlots slots;
  auto isolation =
      Isolation::begin(folders, read.plugins, slots, Isolate::foreign, std::move(foreign));
  if (!isolation) {
    complain(isolation.errors());
    return examine_all(read.plan, read.plugins, all, memory);
  }
  TaskCache cache;
  const auto& folder = read.plan.grid().folder;
  const auto bytes_of_child = static_cast<std::uint64_t>(0.8 * memory_bytes());
  return examine_all(read.plan, all, memory, [&](const Settings& settings) {
    if (!(*isolation)->isolates(settings))
      return examine_one(settings, read.plugins, folder, cache);
    return forgive(
        (*isolation)->examine(settings, folder, folders, bytes_of_child, options.trial_limit),
        settings);
  });
}

}  // namespace attnlab

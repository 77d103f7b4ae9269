// task_cache.cpp: a short list of tasks, the one used last in front.
#include "train/task_cache.hpp"

#include <algorithm>

namespace attnlab {
namespace {

constexpr std::size_t n_kept = 4;  // a sweep over more data sets than this reads again

Result<std::shared_ptr<Source>> make(const Settings& trial, const Plugins& plugins,
                                     const std::filesystem::path& folder) {
  auto task =
      Task::create(plugins, trial.at("task"), trial.at("seed").get<std::uint64_t>(), folder);
  if (!task) return task.errors();
  return std::make_shared<Source>(*std::move(task));
}

bool is_seedless(const Settings& trial, const Plugins& plugins) {
  const auto* plugin =
      plugins.entry(PluginKind::task, trial.at("task").at("plugin").get<std::string>());
  return plugin &&
         (static_cast<const attnlab_task*>(plugin->table)->flags & ATTNLAB_TASK_SEEDLESS) != 0;
}

// The entry of `key`, moved to the front; a new empty one if there is none. A new one of a task
// that depends on the seed takes the place of another such: trials of a sweep seldom come back to a
// seed.
std::shared_ptr<TaskCache::Inside::Entry> entry_of(TaskCache::Inside& cache, const std::string& key,
                                                   bool seeded) {
  const std::scoped_lock lock(cache.mutex);
  const auto found = std::find_if(cache.entries.begin(), cache.entries.end(),
                                  [&](const auto& entry) { return entry->key == key; });
  if (found != cache.entries.end()) {
    cache.entries.splice(cache.entries.begin(), cache.entries, found);
  } else {
    if (seeded) std::erase_if(cache.entries, [](const auto& entry) { return entry->seeded; });
    cache.entries.push_front(std::make_shared<TaskCache::Inside::Entry>());
    cache.entries.front()->key = key;
    cache.entries.front()->seeded = seeded;
    if (cache.entries.size() > n_kept)
      cache.entries.pop_back();  // trials that use it keep it alive
  }
  return cache.entries.front();
}

}  // namespace

TaskCache::TaskCache() : inside_(std::make_unique<Inside>()) {}
TaskCache::~TaskCache() = default;

Result<std::shared_ptr<Source>> task_source(const Settings& trial, const Plugins& plugins,
                                            const std::filesystem::path& folder, TaskCache* cache) {
  if (!cache) return make(trial, plugins, folder);
  const bool seeded = !is_seedless(trial, plugins);
  const auto entry = entry_of(cache->inside(),
                              canonical(trial.at("task")) + "\n" + folder.string() +
                                  (seeded ? "\n" + canonical(trial.at("seed")) : ""),
                              seeded);
  const std::scoped_lock lock(entry->mutex);
  if (!entry->source) {
    auto made = make(trial, plugins, folder);
    if (!made) return made;
    entry->source = *std::move(made);
  }
  return entry->source;
}

}  // namespace attnlab

// task_cache.hpp: the tasks that trials of one process share.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "train/samples.hpp"
#include "train/train.hpp"

namespace attnlab {

struct TaskCache::Inside {
  struct Entry {
    std::string key;
    bool seeded = false;  // the task depends on the seed, which is part of the key
    std::mutex mutex;     // held while the task is being made
    std::shared_ptr<Source> source;
  };
  std::mutex mutex;
  std::list<std::shared_ptr<Entry>> entries;  // the one used last in front
};

// The task of `trial`: a new one, or one that `cache` (may be null) holds for equal settings,
// folder and, if the task depends on it, seed.
Result<std::shared_ptr<Source>> task_source(const Settings& trial, const Plugins& plugins,
                                            const std::filesystem::path& folder, TaskCache* cache);

}  // namespace attnlab

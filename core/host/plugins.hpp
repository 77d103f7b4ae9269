// plugins.hpp: the plugins that were found, and instances of them. The only room with dlopen.
#pragma once

#include <attnlab/kernel.h>
#include <attnlab/optimizer.h>
#include <attnlab/task.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/catalogue.hpp"
#include "base/result.hpp"
#include "base/task_shape.hpp"

namespace attnlab {

// Where plugins are looked for: `given` (--plugins, may be empty), ATTNLAB_PLUGIN_PATH (divided by ':', folders that are not
// there left out), `installed` if it is there; in this order, without empty entries. The current folder is never added.
std::vector<std::filesystem::path> plugin_folders(const std::vector<std::string>& given,
                                                  const std::filesystem::path& installed);

class Plugins {
 public:
  // Loads every *.so below the folders (folder itself and its subfolders task, kernel, optimizer; a path that is a file stands
  // for that file alone). A file that is refused (ABI, kind, missing slot, not loadable, world-writable) is an Error of refused(),
  // not of the scan; a missing folder, and two files of one kind and name, are errors here.
  //
  // A file that does not lie below `installed` (empty: the lib/attnlab/plugins that belongs to this program) is first loaded in a
  // forked child with a deadline, so that one that crashes or hangs while it loads is refused too. Therefore scan before
  // MPI and TBB start wherever possible: a fork after that is not what their makers promise to support.
  static Result<Plugins> scan(const std::vector<std::filesystem::path>& folders,
                              const std::filesystem::path& installed = {});

  const Catalogue& catalogue() const { return catalogue_; }  // by kind, then by name
  const Errors& refused() const { return refused_; }
  // Why there is no plugin of that kind and name although a file is called so; null: no such file was refused.
  const Error* refusal(PluginKind kind, const std::string& name) const;
  const attnlab_plugin* entry(PluginKind kind, const std::string& name) const;  // null: none of that name

 private:
  Catalogue catalogue_;
  Errors refused_;                              // where: the file
  std::vector<const attnlab_plugin*> entries_;  // beside catalogue_
};

// Keeps the sentence that a plugin gave with host->explain. One per instance; calls from many threads keep the first.
class Voice;

// Instances. `settings` is the resolved node with the key `plugin` and all options. Copies share one instance, which is destroyed
// with the last of them. An Error's sentence names kind and plugin and repeats what the plugin explained.
class Task {
 public:
  // Relative options of type path count from `folder`.
  static Result<Task> create(const Plugins& plugins, const Settings& settings, std::uint64_t seed,
                             const std::filesystem::path& folder);
  const TaskShape& shape() const { return shape_; }
  // Fills the buffers of `out`; positions are 0, 1, 2, ... where the task does not care. Fails too if an id, a length or a
  // position lies outside of what shape() allows. Any thread.
  Result<Done> sample(int split, Index index, attnlab_sample& out) const;
  std::string token_name(Index id) const;                                  // the number if the task has no names

 private:
  std::shared_ptr<Voice> voice_;
  const attnlab_task* table_ = nullptr;
  std::shared_ptr<void> self_;
  std::string name_;
  TaskShape shape_;
};

// Whether all four slots of dropout are there (attnlab/kernel.h, since 1.2).
inline bool kernel_drops_weights(const attnlab_kernel& table) {
  return table.struct_size >= sizeof(attnlab_kernel) && table.forward_dropped_f32 != nullptr && table.forward_dropped_f64 != nullptr &&
         table.backward_dropped_f32 != nullptr && table.backward_dropped_f64 != nullptr;
}

class Kernel {
 public:
  static Result<Kernel> create(const Plugins& plugins, const Settings& settings);
  const attnlab_kernel& table() const { return *table_; }
  const void* self() const { return self_.get(); }
  bool row_stochastic() const { return (table_->flags & ATTNLAB_KERNEL_ROW_STOCHASTIC) != 0; }
  bool drops_weights() const { return kernel_drops_weights(*table_); }
  double temperature() const { return temperature_; }  // NaN: null in the settings, it follows from key_dim
  Error failure(const char* what) const;  // the sentence for a slot that answered a failure

 private:
  std::shared_ptr<Voice> voice_;
  const attnlab_kernel* table_ = nullptr;
  std::shared_ptr<void> self_;
  std::string name_;
  double temperature_ = 1;
};

class Optimizer {
 public:
  static Result<Optimizer> create(const Plugins& plugins, const Settings& settings, const attnlab_problem& problem);
  const attnlab_optimizer& table() const { return *table_; }
  void* self() const { return self_.get(); }
  bool has_time() const { return (table_->flags & ATTNLAB_OPTIMIZER_HAS_TIME) != 0; }
  Error failure(const char* what) const;

 private:
  std::shared_ptr<Voice> voice_;
  const attnlab_optimizer* table_ = nullptr;
  std::shared_ptr<void> self_;
  std::string name_;
};

}  // namespace attnlab

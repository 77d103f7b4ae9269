// library.hpp: loading one plugin file, and trying that in a child first.
#pragma once

#include <attnlab/plugin.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/catalogue.hpp"
#include "base/result.hpp"

namespace attnlab {

struct Loaded {
  PluginDescription description;  // with file and hash
  const attnlab_plugin* entry;
};

// Loads the file for the rest of the process (nothing is ever unloaded) and admits it.
Result<Loaded> load(const std::filesystem::path& file, std::optional<PluginKind> expected);

// Loads the file in a forked child. Fails only if the child crashes, ends itself or outlives the
// deadline; a file that is refused in good order passes, as load() says the same. Only while the
// process has one thread.
Result<Done> try_in_child(const std::filesystem::path& file, std::optional<PluginKind> expected,
                          std::chrono::milliseconds deadline);

}  // namespace attnlab

// early.hpp: what a run does before MPI and before any thread, because it forks: trying plugin
// files, and starting the process that will start sandbox children.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "host/plugins.hpp"
#include "run/isolate.hpp"
#include "run/options.hpp"
#include "run/slots.hpp"

namespace attnlab {

struct Early {
  std::vector<std::filesystem::path> folders;  // where plugins were looked for
  Result<Plugins> plugins;
  std::unique_ptr<TrialSlots> slots;
  std::unique_ptr<Isolation> isolation;  // null: no trial is isolated
};

// `own_tree`: the folder of the plugins that came with the program.
std::unique_ptr<Early> begin_early(const Options& options, const std::filesystem::path& own_tree);

}  // namespace attnlab

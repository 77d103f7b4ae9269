// read_plan.hpp: plugins and grid file to a plan, for every verb that needs one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/plugins.hpp"
#include "plan/plan.hpp"

namespace attnlab {

struct ReadPlan {
  Plugins plugins;
  Plan plan;
};

Result<ReadPlan> read_plan(const std::filesystem::path& grid_file,
                           const std::vector<std::string>& overrides,
                           const std::vector<std::filesystem::path>& plugin_folders);

// With plugins that were found before.
Result<ReadPlan> read_plan(const std::filesystem::path& grid_file,
                           const std::vector<std::string>& overrides, Plugins plugins);

// The plan of a run directory, as its last run understood it.
Result<ReadPlan> read_plan_of(const std::filesystem::path& dir,
                              const std::vector<std::filesystem::path>& plugin_folders);

}  // namespace attnlab

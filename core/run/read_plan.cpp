// read_plan.cpp: three readings, each of which may fail with sentences.
#include "run/read_plan.hpp"

#include "claims/claim.hpp"
#include "run/second_look.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

// Where the grid names a plugin whose file was refused, the file is what has to be mended.
Errors with_refusals(Errors errors, const Plugins& plugins) {
  for (const Error& refused : plugins.refused()) {
    const std::string name = std::filesystem::path(refused.where).stem().string();
    for (const PluginKind kind : {PluginKind::task, PluginKind::kernel, PluginKind::optimizer}) {
      if (plugins.refusal(kind, name) != &refused) continue;
      for (Error& error : errors) {
        if (error.what == "no " + to_string(kind) + " plugin is called '" + name + "'")
          error.hint = sentence(refused);
      }
    }
  }
  return errors;
}

Result<ReadPlan> plan_with(Plugins plugins, Result<Grid> grid) {
  if (!grid) return with_refusals(grid.errors(), plugins);
  auto plan = Plan::make(*std::move(grid), plugins.catalogue());
  if (!plan) return plan.errors();
  return ReadPlan{std::move(plugins), *std::move(plan)};
}

}  // namespace

Result<ReadPlan> read_plan(const std::filesystem::path& grid_file,
                           const std::vector<std::string>& overrides,
                           const std::vector<std::filesystem::path>& plugin_folders) {
  auto plugins = Plugins::scan(plugin_folders);
  if (!plugins) return plugins.errors();
  return read_plan(grid_file, overrides, *std::move(plugins));
}

Result<ReadPlan> read_plan(const std::filesystem::path& grid_file,
                           const std::vector<std::string>& overrides, Plugins plugins) {
  auto reading = read_as_far_as_possible(grid_file, overrides, plugins.catalogue(), claim_names());
  if (reading.errors.empty()) return plan_with(std::move(plugins), std::move(reading.grid));
  for (Error& error : second_look(reading, plugins)) reading.errors.push_back(std::move(error));
  return with_refusals(std::move(reading.errors), plugins);
}

Result<ReadPlan> read_plan_of(const std::filesystem::path& dir,
                              const std::vector<std::filesystem::path>& plugin_folders) {
  const auto origin = read_origin(dir);
  if (!origin) return origin.errors();
  auto plugins = Plugins::scan(plugin_folders);
  if (!plugins) return plugins.errors();
  auto grid = grid_from(origin->text, origin->file, origin->folder, origin->overrides,
                        plugins->catalogue(), claim_names());
  return plan_with(*std::move(plugins), std::move(grid));
}

}  // namespace attnlab

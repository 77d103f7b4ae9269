// early.cpp: scan, then decide whether there will be children, then start who starts them.
#include "run/early.hpp"

#include <algorithm>

#include "run/speak.hpp"

namespace attnlab {
namespace {

// Did an earlier run of this directory note crashes that ask for children?
bool has_suspects(const Options& options) {
  if (options.fresh) return false;
  return std::ranges::any_of(crashes_of(options.out), [&](const auto& past) {
    return options.isolate != Isolate::never || past.second.near > 0;
  });
}

}  // namespace

std::unique_ptr<Early> begin_early(const Options& options, const std::filesystem::path& own_tree) {
  auto folders = plugin_folders(options.plugin_folders, own_tree);
  auto plugins = Plugins::scan(folders);
  auto early = std::make_unique<Early>(
      Early{std::move(folders), std::move(plugins), std::make_unique<TrialSlots>(), nullptr});
  if (!early->plugins) return early;
  auto foreign = foreign_plugins(early->plugins->catalogue(), own_tree);
  const bool wanted = options.isolate == Isolate::always ||
                      (options.isolate == Isolate::foreign && !foreign.empty()) ||
                      has_suspects(options);
  if (!wanted) return early;
  auto begun = Isolation::begin(early->folders, *early->plugins, *early->slots, options.isolate,
                                std::move(foreign));
  if (begun) {
    early->isolation = *std::move(begun);
  } else {
    complain(begun.errors());
    warn("trials are trained in this process; a plugin that crashes ends the run");
  }
  return early;
}

}  // namespace attnlab

// early.cpp: scan, then decide whether there will be children, then start who starts them.
#include "run/early.hpp"

#include "run/speak.hpp"

namespace attnlab {

std::unique_ptr<Early> begin_early(const Options& options, const std::filesystem::path& own_tree) {
  auto folders = plugin_folders(options.plugin_folders, own_tree);
  auto plugins = Plugins::scan(folders);
  auto early = std::make_unique<Early>(
      Early{std::move(folders), std::move(plugins), std::make_unique<TrialSlots>(), nullptr});
  if (!early->plugins || options.isolate == Isolate::never) return early;
  auto foreign = foreign_plugins(early->plugins->catalogue(), own_tree);
  if (options.isolate != Isolate::always && foreign.empty()) return early;
  auto begun = Isolation::begin(early->folders, *early->plugins, *early->slots,
                                options.isolate == Isolate::always, std::move(foreign));
  if (begun) {
    early->isolation = *std::move(begun);
  } else {
    complain(begun.errors());
    warn("trials are trained in this process; a plugin that crashes ends the run");
  }
  return early;
}

}  // namespace attnlab

// plugins_verb.cpp: `attnlab plugins [NAME]`.
#include <cstdio>

#include "host/describe.hpp"
#include "host/plugins.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"

namespace attnlab {

int plugins_verb(const Options& options) {
  const auto plugins = Plugins::scan(plugin_folders(options.plugin_folders, installed_plugins()));
  if (!plugins) return complain(plugins.errors());
  for (const Error& refused : plugins->refused()) warn(sentence(refused));
  if (options.name.empty()) {
    std::fputs(plugin_table(plugins->catalogue()).c_str(), stdout);
    return 0;
  }
  const auto page = plugin_page(plugins->catalogue(), options.name);
  if (!page) return complain(page.errors());
  std::fputs(page->c_str(), stdout);
  return 0;
}

}  // namespace attnlab

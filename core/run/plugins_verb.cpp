// plugins_verb.cpp: `attnlab plugins [NAME]` and `attnlab plugins --check FILE.so`.
#include <cstdio>

#include "host/conformance.hpp"
#include "host/describe.hpp"
#include "host/plugins.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"

namespace attnlab {
namespace {

// A file that the host would not take has failed; one that is not there was never tried.
int check_plugin(const std::filesystem::path& file) {
  std::error_code code;
  const bool is_there = std::filesystem::is_regular_file(file, code);
  const auto tried = check_conformance(file);
  if (!tried) {
    const int blame = complain(tried.errors());
    return is_there && blame == exit_user ? exit_failures : blame;
  }
  std::fputs(to_text(*tried).c_str(), stdout);
  return tried->broken.empty() ? 0 : exit_failures;
}

}  // namespace

int plugins_verb(const Options& options) {
  if (!options.check_file.empty()) return check_plugin(options.check_file);
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

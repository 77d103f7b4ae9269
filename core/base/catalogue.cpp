// catalogue.cpp: looking plugins up by kind and name.
#include "base/catalogue.hpp"

namespace attnlab {

std::string to_string(PluginKind kind) {
  switch (kind) {
    case PluginKind::task: return "task";
    case PluginKind::kernel: return "kernel";
    case PluginKind::optimizer: return "optimizer";
  }
  return "?";
}

std::string to_string(OptionType type) {
  switch (type) {
    case OptionType::integer: return "integer";
    case OptionType::real: return "real";
    case OptionType::boolean: return "boolean";
    case OptionType::text: return "text";
    case OptionType::choice: return "choice";
    case OptionType::path: return "path";
    case OptionType::value: return "value";
  }
  return "?";
}

const PluginDescription* find(const Catalogue& catalogue, PluginKind kind, const std::string& name) {
  for (const PluginDescription& plugin : catalogue) {
    if (plugin.kind == kind && plugin.name == name) return &plugin;
  }
  return nullptr;
}

std::vector<std::string> names(const Catalogue& catalogue, PluginKind kind) {
  std::vector<std::string> out;
  for (const PluginDescription& plugin : catalogue) {
    if (plugin.kind == kind) out.push_back(plugin.name);
  }
  return out;
}

}  // namespace attnlab

// instance.cpp: from the name in the settings to a plugin and its option values.
#include "host/instance.hpp"

#include "base/nearest.hpp"

namespace attnlab {

Result<Preparation> prepare(const Plugins& plugins, PluginKind kind, const Settings& settings,
                            const std::filesystem::path& folder) {
  const Settings* const plugin = find(settings, "plugin");
  if (plugin == nullptr || !plugin->is_string()) {
    return Error{to_string(kind), "its settings name no plugin", "give the key 'plugin'"};
  }
  Preparation out;
  out.name = plugin->get<std::string>();
  out.entry = plugins.entry(kind, out.name);
  if (out.entry == nullptr) {
    if (const Error* refused = plugins.refusal(kind, out.name)) return *refused;
    const auto known = names(plugins.catalogue(), kind);
    return Error{to_string(kind), "no " + to_string(kind) + " plugin is called '" + out.name + "'",
                 known.empty() ? "no plugin of this kind was found" : suggestion(out.name, known)};
  }
  auto values = option_values(*find(plugins.catalogue(), kind, out.name), settings, folder);
  if (!values) return values.errors();
  out.options = *std::move(values);
  out.voice = std::make_shared<Voice>(
      to_string(kind) + " plugin '" + out.name + "'",
      folder.empty() ? "" : std::filesystem::absolute(folder).lexically_normal().string());
  return out;
}

}  // namespace attnlab

// resolve_plugin.cpp: a plugin's options against its own description.
#include <algorithm>
#include <cmath>

#include "base/nearest.hpp"
#include "grid/resolve.hpp"

namespace attnlab {
namespace {

// Whole reals become integers, so that `1` and `1.0` in a free value are one setting.
Settings plain(const Settings& value) {
  if (value.is_number_float()) {
    const double x = value.get<double>();
    if (x == std::floor(x) && std::abs(x) < 9e15) return static_cast<std::int64_t>(x);
    return value;
  }
  if (!value.is_structured()) return value;
  Settings out = value;
  for (Settings& item : out) item = plain(item);
  return out;
}

Settings option_value(const Option& option, const Settings& value, const std::string& path,
                      Complaints& complaints) {
  const Bounds bounds{option.minimum, option.maximum};
  switch (option.type) {
    case OptionType::integer: return as_integer(value, path, bounds, complaints);
    case OptionType::real: return as_real(value, path, bounds, complaints);
    case OptionType::boolean: return as_boolean(value, path, complaints);
    case OptionType::choice: return as_choice(value, path, option.choices, complaints);
    case OptionType::text:
    case OptionType::path: return as_text(value, path, complaints);
    case OptionType::value: return plain(value);
  }
  return nullptr;
}

bool has_option(const PluginDescription& plugin, const std::string& name) {
  return std::ranges::any_of(plugin.options, [&](const Option& o) { return o.name == name; });
}

// An option that the plugin lacks: a slip of the pen, or another plugin's?
Complaint lacks(const PluginDescription& plugin, const std::string& key, const std::string& path,
                const std::string& plugin_path, std::vector<std::string> valid,
                const Catalogue& catalogue) {
  Complaint complaint{
      path, "the " + to_string(plugin.kind) + " '" + plugin.name + "' has no option '" + key + "'",
      "", true, plugin_path};
  for (const Option& option : plugin.options) valid.push_back(option.name);
  for (const PluginDescription& other : catalogue) {
    if (other.kind == plugin.kind && has_option(other, key)) {
      complaint.hint = "'" + other.name + "' has it";
    }
  }
  if (complaint.hint.empty()) complaint.hint = suggestion(key, valid);
  return complaint;
}

}  // namespace

const PluginDescription* resolve_plugin(Fields& fields, PluginKind kind,
                                        const std::string& fallback, const Catalogue& catalogue) {
  const Settings* given = fields.take("plugin");
  const Settings name =
      given ? as_text(*given, fields.path_of("plugin"), fields.complaints()) : Settings(fallback);
  fields.put("plugin", name);
  const PluginDescription* plugin =
      name.is_string() ? find(catalogue, kind, name.get<std::string>()) : nullptr;
  if (!plugin && name.is_string()) {
    fields.complain("plugin",
                    "no " + to_string(kind) + " plugin is called '" + name.get<std::string>() + "'",
                    suggestion(name.get<std::string>(), names(catalogue, kind)));
  }
  return plugin;
}

void resolve_options(Fields& fields, const PluginDescription& plugin, const Catalogue& catalogue) {
  std::vector<std::string> own{"plugin"};
  if (plugin.kind == PluginKind::kernel) own.push_back("temperature");
  if (plugin.kind == PluginKind::optimizer) {
    own.insert(own.end(), {"learning_rate", "schedule", "clip"});
  }
  for (const Option& option : plugin.options) {
    const Settings* given = fields.take(option.name);
    const std::string path = fields.path_of(option.name);
    Settings value;
    if (given && !(given->is_null() && option.fallback && option.fallback->is_null())) {
      value = option_value(option, *given, path, fields.complaints());
    } else if (option.fallback && !option.fallback->is_null()) {
      value = option_value(option, *option.fallback, path, fields.complaints());
    } else if (!option.fallback) {
      fields.complaints().push_back(
          {fields.path_of("plugin"),
           "the " + to_string(plugin.kind) + " '" + plugin.name + "' needs the option '" +
               option.name + "'",
           "give `" + option.name + "`" +
               (option.sentence.empty() ? std::string() : ": " + option.sentence)});
    }
    fields.put(option.name, std::move(value));
  }
  for (const std::string& key : fields.keys_left()) {
    fields.complaints().push_back(
        lacks(plugin, key, fields.path_of(key), fields.path_of("plugin"), own, catalogue));
  }
}

}  // namespace attnlab

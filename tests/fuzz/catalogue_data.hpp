// catalogue_data.hpp: descriptions of plugins as JSON and back, so that grids can be read where no
// plugin is built.
#pragma once

#include <cmath>

#include "base/catalogue.hpp"

namespace attnlab::fuzz {

inline Settings bound(double x) { return std::isfinite(x) ? Settings(x) : Settings(nullptr); }

inline Settings to_data(const Catalogue& catalogue) {
  Settings all = Settings::array();
  for (const PluginDescription& plugin : catalogue) {
    Settings options = Settings::array();
    for (const Option& option : plugin.options) {
      Settings one = {{"name", option.name},
                      {"type", static_cast<int>(option.type)},
                      {"minimum", bound(option.minimum)},
                      {"maximum", bound(option.maximum)},
                      {"choices", option.choices}};
      if (option.fallback) one["fallback"] = *option.fallback;
      options.push_back(std::move(one));
    }
    all.push_back({{"kind", static_cast<int>(plugin.kind)},
                   {"name", plugin.name},
                   {"rate", plugin.default_learning_rate},
                   {"options", std::move(options)}});
  }
  return all;
}

// Throws nlohmann::json::exception if `all` is not what to_data made.
inline Catalogue from_data(const Settings& all) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Catalogue catalogue;
  for (const Settings& one : all) {
    PluginDescription plugin;
    plugin.kind = static_cast<PluginKind>(one.at("kind").get<int>());
    plugin.name = one.at("name");
    plugin.default_learning_rate = one.at("rate");
    for (const Settings& from : one.at("options")) {
      Option option;
      option.name = from.at("name");
      option.type = static_cast<OptionType>(from.at("type").get<int>());
      const Settings &low = from.at("minimum"), &high = from.at("maximum");
      option.minimum = low.is_null() ? -infinity : low.get<double>();
      option.maximum = high.is_null() ? infinity : high.get<double>();
      option.choices = from.at("choices").get<std::vector<std::string>>();
      if (from.contains("fallback")) option.fallback = from.at("fallback");
      plugin.options.push_back(std::move(option));
    }
    catalogue.push_back(std::move(plugin));
  }
  return catalogue;
}

}  // namespace attnlab::fuzz

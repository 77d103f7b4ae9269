// options.hpp: the options of a plugin as values of the C border.
#pragma once

#include <attnlab/plugin.h>

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "base/catalogue.hpp"
#include "base/result.hpp"

namespace attnlab {

// What is wrong with `value` for this option ("must be at least 0, not -1"); "" if nothing is. Null
// passes: whether it may be given is the default's affair.
std::string mistake(const Option& option, const Settings& value);

// The values of all options in the order of the description. The texts live as long as the object.
struct OptionValues {
  std::vector<attnlab_value> values;
  std::deque<std::string> texts;
};

// Takes each option from `settings`, or its default. Relative paths count from `folder`; "" stays
// "". Fails with every option that is missing or wrong.
Result<OptionValues> option_values(const PluginDescription& plugin, const Settings& settings,
                                   const std::filesystem::path& folder);

}  // namespace attnlab

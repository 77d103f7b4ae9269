// templates.hpp: the files of a new plugin, before its name is filled in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/catalogue.hpp"

namespace attnlab {

// File name and text of each file of a plugin called `name` that is to be built with the attnlab
// installed (or built) at `prefix`.
std::vector<std::pair<std::string, std::string>> plugin_files(PluginKind kind,
                                                              const std::string& name,
                                                              const std::string& prefix);

}  // namespace attnlab

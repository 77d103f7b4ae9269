// describe.hpp: what `attnlab plugins` prints: which plugins there are, and all about one of them.
#pragma once

#include <string>

#include "base/catalogue.hpp"
#include "base/result.hpp"

namespace attnlab {

// A line a plugin: kind, name, version, summary, file.
std::string plugin_table(const Catalogue& catalogue);

// All about the plugins of that name, of whatever kind: summary, formula, paper, options with type,
// default, range, unit and sentence, the options that every plugin of the kind has, file and hash.
// Fails with the nearest name.
Result<std::string> plugin_page(const Catalogue& catalogue, const std::string& name);

}  // namespace attnlab

// overrides.hpp: --set PATH=VALUE, applied to a grid file's tree before it is read.
#pragma once

#include <string>
#include <vector>

#include "grid/mistakes.hpp"
#include "grid/tree.hpp"

namespace attnlab {

// Each override in turn; VALUE is YAML, PATH as in `sweep`. What override i sets stands at Mark{0,
// i + 1}.
void apply_overrides(const std::vector<std::string>& overrides, Node& root, Mistakes& mistakes);

}  // namespace attnlab

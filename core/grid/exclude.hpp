// exclude.hpp: which values of which axes an exclusion speaks of.
#pragma once

#include <vector>

#include "grid/grid.hpp"

namespace attnlab {

// [exclusion][axis][value]: does the value have what the exclusion names? No values: the exclusion
// does not name the axis. Exclusions that a value outside the sweep already rules out are not in
// the list.
std::vector<std::vector<std::vector<bool>>> excluded_values(const Grid& grid);

}  // namespace attnlab

// sweep.hpp: the part `sweep` of a grid file: axes and exclusions.
#pragma once

#include "grid/grid.hpp"
#include "grid/mistakes.hpp"
#include "grid/tree.hpp"

namespace attnlab {

constexpr std::int64_t most_trials = 1'000'000;  // that a grid may span, before exclusions

// Fills grid.axes and grid.exclusions from `sweep`, which may be null. Axes with mistakes are left
// out.
void read_sweep(const Node* sweep, Grid& grid, Mistakes& mistakes);

// The values of one swept path: one scalar, a list, or a mapping range, linspace or logspace.
// `marks` has one for each. Empty after a mistake.
std::vector<Settings> swept_values(const Node& node, const std::string& path,
                                   std::vector<Mark>& marks, Mistakes& mistakes);

}  // namespace attnlab

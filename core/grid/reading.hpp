// reading.hpp: what a grid file says, whether it is right or wrong.
#pragma once

#include <set>

#include "grid/grid.hpp"

namespace attnlab {

struct Reading {
  Grid grid;
  Errors errors;
  // With errors: may the trials of `grid` still be looked at? Then `grid` has nothing of the
  // `faulty` parts of a trial, so that these have their defaults.
  bool has_trials = false;
  std::set<std::string> faulty;
};

// As read_grid, for those who go on after a mistake.
Reading read_as_far_as_possible(const std::filesystem::path& file,
                                const std::vector<std::string>& overrides,
                                const Catalogue& catalogue, const std::vector<std::string>& claims);

}  // namespace attnlab

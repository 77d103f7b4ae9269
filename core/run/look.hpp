// look.hpp: a look at every kind of trial outside a run.
#pragma once

#include <vector>

#include "run/examine.hpp"
#include "run/options.hpp"
#include "run/read_plan.hpp"

namespace attnlab {

// All trials of `read`, as examine_all. Trials of plugins that did not come with the program are
// looked at in a child, as a run does it: one that crashes there is a warning, and nothing is known
// of it. Only while the process has one thread. `memory`: bytes that one trial may need.
Result<std::vector<Examined>> look_at_all(const ReadPlan& read, const Options& options,
                                          double memory);

}  // namespace attnlab

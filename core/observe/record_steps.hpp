// record_steps.hpp: after which updates something is recorded. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/settings.hpp"

namespace attnlab {

// The steps that `rule` names in a trial of `last` updates, ascending, each once:
//   {every: n}           0, n, 2n, ..., and last
//   {log_spaced: n}      0, and last^(i / (n - 1)) rounded for i = 0 .. n - 1: about n of them,
//   fewer where roundings meet {steps: [0, last]}   these; numbers beyond last are left out
std::vector<std::int64_t> record_steps(const Settings& rule, std::int64_t last);

// The same for `record.metrics`, where the last step is always recorded.
std::vector<std::int64_t> metric_steps(const Settings& rule, std::int64_t last);

}  // namespace attnlab

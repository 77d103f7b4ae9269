// measure_names.hpp: what can be said of `record.measures` without a model.
#pragma once

#include "base/result.hpp"
#include "base/settings.hpp"

namespace attnlab {

// A mistake for each name that is no measure.
Errors unknown_measures(const Settings& trial);

}  // namespace attnlab

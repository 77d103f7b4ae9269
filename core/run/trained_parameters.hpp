// trained_parameters.hpp: the parameters with which a stored trial ended.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/plugins.hpp"
#include "run/stored_trial.hpp"
#include "train/train.hpp"

namespace attnlab {

struct TrainedParameters {
  std::vector<double> values;  // [layout.n]
  std::string from;            // "stored records", "training again"
};

// From the stored matrices, if all of them were recorded at the last update; else the trial is
// trained again from its settings, which gives the same bits on a machine of the same kind. Fails
// if the trial is not done, or does not end as done again.
Result<TrainedParameters> trained_parameters(const StoredTrial& stored,
                                             const ParameterLayout& layout, const Plugins& plugins,
                                             const std::filesystem::path& folder, int n_threads);

}  // namespace attnlab

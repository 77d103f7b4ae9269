// claim_trials.hpp: the trials of a results.h5 as claims see them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "claims/trial_records.hpp"
#include "store/reader.hpp"

namespace attnlab {

// In the order of the table. Series are read when they are asked for; small ones are kept, all
// trials of a cohort at once. `results` must outlive the answer. `parse` turns a trial's stored
// YAML into settings. The numbers of a slice that `attnlab landscape` left for a trial in the
// folder `landscapes` are its series landscape_<name> (landscape_roughness, landscape_alpha, ...);
// an empty path: none are looked for.
using ParseSettings = std::function<Settings(const std::string& yaml)>;
Result<std::vector<std::unique_ptr<TrialRecords>>> claim_trials(
    const Results& results, const ParseSettings& parse,
    const std::filesystem::path& landscapes = {});

}  // namespace attnlab

// stored_trial.hpp: where the records of one trial lie: in results.h5, or in the segment that the
// journal names.
#pragma once

#include <filesystem>
#include <string>

#include "base/settings.hpp"
#include "store/reader.hpp"

namespace attnlab {

struct StoredTrial {
  Results file;
  std::string id;
  Index table_row = 0;  // in /trials
  std::string cohort;   // "cohorts/c0"; empty: the trial has no records
  Index row = 0;        // in the cohort
  Settings settings;    // null without records
};

// `name` is a number of the plan or an id. Fails if the run directory has no such trial, if it has
// not finished, or if the stored settings are not those that its id is the hash of.
Result<StoredTrial> find_stored(const std::filesystem::path& dir, const std::string& name);

// The same from a results.h5 alone, where numbers are those of /trials/trial.
Result<StoredTrial> find_in_results(const std::filesystem::path& file, const std::string& name);

}  // namespace attnlab

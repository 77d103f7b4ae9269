// outline.hpp: what store needs to know of a plan: names, ids and swept values.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/index.hpp"
#include "base/settings.hpp"

namespace attnlab {

class Plan;

struct Outline {
  std::string name, description;
  std::string file, text;              // the grid file: its name and its bytes
  std::filesystem::path folder;        // where it came from
  std::vector<std::string> overrides;  // --set PATH=VALUE
  std::vector<std::string> claims;
  std::vector<std::string> swept_paths;
  std::vector<TrialId> ids;                  // by trial number
  std::vector<std::vector<Settings>> swept;  // by trial number, one value a path
  Settings first;                            // resolved settings of trial 0
};

Outline outline_of(const Plan& plan);

// grid.resolved.yaml: one `key: JSON value` a line (JSON is YAML), then the settings of the first
// trial as a block.
std::string resolved_text(const Outline& outline);
// The ids, one a line in the order of their numbers: log/trials.txt.
std::string ids_text(const Outline& outline);
std::vector<TrialId> ids_from(const std::string& text);
// Equal for equal grids with equal trials: what DONE is about.
std::string fingerprint(const Outline& outline);

}  // namespace attnlab

// claim.hpp: a statement of a paper as a predicate over recorded results. It must be able to fail.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "claims/trial_records.hpp"

namespace attnlab {

// What one claim says of one trial, or of a group of them.
struct Finding {
  std::string trials;  // "trial 3", "trials 0-9"
  bool holds = false;
  double measured = 0;        // NaN: it could not be measured, `sentence` says why
  double bound = 0;           // what `measured` is compared with
  std::string sentence;       // the verdict in words, with the numbers
  bool lacks_trials = false;  // the group is too small: more finished trials may change that
};

using Trials = std::vector<const TrialRecords*>;

struct Claim {
  std::string name;       // [a-z0-9_]+
  std::string source;     // paper, theorem or figure
  std::string statement;  // one sentence
  std::string formula;    // the predicate, with its tolerance
  // At least one finding for at least one trial.
  std::vector<Finding> (*judge)(const Trials& trials);
  // Settings under which the paper's statement was not made, each a sentence that names the
  // assumption. May be null: none is known.
  std::vector<std::string> (*outside)(const Settings& trial) = nullptr;
};

// All that the program knows, papers A, B, C in turn.
const std::vector<Claim>& all_claims();
const Claim* find_claim(const std::string& name);
std::vector<std::string> claim_names();

struct ClaimFinding {
  const Claim* claim = nullptr;
  Finding finding;
};
// Judges the claims of these names; all must be known.
Result<std::vector<ClaimFinding>> judge_claims(std::span<const std::string> names,
                                               const Trials& trials);

}  // namespace attnlab

// judging.hpp: what the claims' files share: findings for each trial or each group, and numbers in
// sentences.
#pragma once

#include <cstdarg>
#include <functional>
#include <limits>

#include "claims/claim.hpp"

namespace attnlab {

inline constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

std::string trial_text(const TrialRecords& trial);  // "trial 3"
std::string trials_text(const Trials& trials);      // "trials 0-4, 7"

// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string text_of(const char* format, ...);

// A finding that says why nothing was measured.
Finding cannot_judge(std::string trials, double bound, const std::string& why);
// The same for a group that has too few trials.
Finding too_few_trials(std::string trials, double bound, const std::string& why);

// One finding a trial. Trials that did not end well, or lack one of the series in `needed`, get a
// finding that says so.
std::vector<Finding> for_each_trial(const Trials& trials, const std::vector<std::string>& needed,
                                    double bound,
                                    const std::function<Finding(const TrialRecords&)>& judge);

// Trials that agree in all settings but those at `paths` ("seed", "optimizer.learning_rate"), in
// the order of their first members.
std::vector<Trials> groups_that_differ_in(const Trials& trials,
                                          const std::vector<std::string>& paths);

}  // namespace attnlab

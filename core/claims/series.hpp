// series.hpp: small statistics over a trial's records.
#pragma once

#include <vector>

#include "claims/trial_records.hpp"

namespace attnlab {

struct Line {
  double slope = 0, intercept = 0, r2 = 0;
  Index n = 0;
};
// Least squares through (x, y).
Line fit_line(const std::vector<double>& x, const std::vector<double>& y);

// A setting as text or number; the fallback if it is not there.
std::string setting(const Settings& trial, const std::string& path,
                    const std::string& fallback = "");
double number_setting(const Settings& trial, const std::string& path, double fallback);
std::string setting(const TrialRecords& trial, const std::string& path,
                    const std::string& fallback = "");
double number_setting(const TrialRecords& trial, const std::string& path, double fallback);

// Does `train` of the model name this matrix (or all)?
bool trains(const TrialRecords& trial, const std::string& matrix);
bool trains_only(const TrialRecords& trial, const std::string& matrix);

}  // namespace attnlab

// series.cpp: small statistics over a trial's records.
#include "claims/series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attnlab {

Line fit_line(const std::vector<double>& x, const std::vector<double>& y) {
  Line line;
  line.n = static_cast<Index>(x.size());
  if (line.n < 2) return line;
  const auto n = static_cast<double>(line.n);
  double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mx += x[i] / n, my += y[i] / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
    yy += (y[i] - my) * (y[i] - my);
  }
  line.slope = xy / xx;
  line.intercept = my - line.slope * mx;
  line.r2 = yy > 0 ? xy * xy / (xx * yy) : 1;
  return line;
}

namespace {

// Ranks from 1, equal values the mean of theirs.
std::vector<double> ranks_of(const std::vector<double>& x) {
  std::vector<double> ranks;
  for (const double value : x) {
    const auto below = std::ranges::count_if(x, [&](double other) { return other < value; });
    const auto equal = std::ranges::count(x, value);
    ranks.push_back(static_cast<double>(below) + static_cast<double>(equal + 1) / 2);
  }
  return ranks;
}

}  // namespace

double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> a = ranks_of(x), b = ranks_of(y);
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double aa = 0, ab = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean) * (a[i] - mean);
    ab += (a[i] - mean) * (b[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : std::numeric_limits<double>::quiet_NaN();
}

std::string setting(const TrialRecords& trial, const std::string& path,
                    const std::string& fallback) {
  const Settings* const node = find(trial.settings(), path);
  if (!node || node->is_null()) return fallback;
  return node->is_string() ? node->get<std::string>() : node->dump();
}

double number_setting(const TrialRecords& trial, const std::string& path, double fallback) {
  const Settings* const node = find(trial.settings(), path);
  return node && node->is_number() ? node->get<double>() : fallback;
}

bool trains(const TrialRecords& trial, const std::string& matrix) {
  const Settings* const named = find(trial.settings(), "model.train");
  if (!named || !named->is_array()) return true;
  return std::any_of(named->begin(), named->end(),
                     [&](const Settings& name) { return name == matrix; });
}

}  // namespace attnlab

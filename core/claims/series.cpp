// series.cpp: small statistics over a trial's records.
#include "claims/series.hpp"

#include <algorithm>

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

std::string setting(const Settings& trial, const std::string& path, const std::string& fallback) {
  const Settings* const node = find(trial, path);
  if (!node || node->is_null()) return fallback;
  return node->is_string() ? node->get<std::string>() : node->dump();
}

double number_setting(const Settings& trial, const std::string& path, double fallback) {
  const Settings* const node = find(trial, path);
  return node && node->is_number() ? node->get<double>() : fallback;
}

std::string setting(const TrialRecords& trial, const std::string& path,
                    const std::string& fallback) {
  return setting(trial.settings(), path, fallback);
}

double number_setting(const TrialRecords& trial, const std::string& path, double fallback) {
  return number_setting(trial.settings(), path, fallback);
}

bool trains(const TrialRecords& trial, const std::string& matrix) {
  const Settings* const named = find(trial.settings(), "model.train");
  if (!named || !named->is_array()) return true;
  return std::any_of(named->begin(), named->end(),
                     [&](const Settings& name) { return name == matrix; });
}

bool trains_only(const TrialRecords& trial, const std::string& matrix) {
  const Settings* const named = find(trial.settings(), "model.train");
  return named && named->is_array() && named->size() == 1 && named->front() == matrix;
}

}  // namespace attnlab

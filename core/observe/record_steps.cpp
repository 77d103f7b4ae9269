// record_steps.cpp: the three rules.
#include "observe/record_steps.hpp"

#include <algorithm>
#include <cmath>

namespace attnlab {
namespace {

std::vector<std::int64_t> sorted_once(std::vector<std::int64_t> steps) {
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

const Settings* given(const Settings& rule, const char* key) {
  const auto found = rule.is_object() ? rule.find(key) : rule.end();
  return found == rule.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

std::vector<std::int64_t> record_steps(const Settings& rule, std::int64_t last) {
  std::vector<std::int64_t> out;
  if (const Settings* every = given(rule, "every")) {
    const auto n = std::max<std::int64_t>(every->get<std::int64_t>(), 1);
    for (std::int64_t s = 0; s < last; s += n) out.push_back(s);
    out.push_back(last);
  } else if (const Settings* log_spaced = given(rule, "log_spaced")) {
    const auto n = log_spaced->get<std::int64_t>();
    out = {0, last};
    for (std::int64_t i = 0; i < n && n > 1 && last > 0; ++i) {
      const double exponent = static_cast<double>(i) / static_cast<double>(n - 1);
      out.push_back(std::min<std::int64_t>(
          last, std::llround(std::pow(static_cast<double>(last), exponent))));
    }
  } else if (const Settings* steps = given(rule, "steps")) {
    for (const Settings& step : *steps) {
      if (step.is_string()) out.push_back(last);
      if (step.is_number() && step.get<std::int64_t>() >= 0 && step.get<std::int64_t>() <= last) {
        out.push_back(step.get<std::int64_t>());
      }
    }
  }
  return sorted_once(std::move(out));
}

std::vector<std::int64_t> metric_steps(const Settings& rule, std::int64_t last) {
  std::vector<std::int64_t> out = record_steps(rule, last);
  out.push_back(last);
  return sorted_once(std::move(out));
}

}  // namespace attnlab

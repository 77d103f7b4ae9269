// rates.cpp: schedules and learning rates a matrix.
#include "train/rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/nearest.hpp"

namespace attnlab {
namespace {

double number_or(const Settings& schedule, const char* key, double fallback) {
  const auto found = schedule.find(key);
  return found == schedule.end() || found->is_null() ? fallback : found->get<double>();
}

double share(double done, double of, double of_nothing = 1.0) {
  return of <= 0 ? of_nothing : std::min(1.0, done / of);
}

double between(double a, double b, double share) { return a + (b - a) * share; }

// Where the one-cycle stands: its height between 0 (ends) and 1 (peak), and on which side.
struct Cycle {
  bool rising;
  double share;  // of the side that was passed
};
Cycle cycle(std::int64_t s, std::int64_t n, double warm_up) {
  const double at = static_cast<double>(s), peak = std::max(warm_up - 1, 0.0);
  if (at < peak) return {true, share(at, peak)};
  return {false, share(at - peak, static_cast<double>(n - 1) - peak, 0.0)};
}

}  // namespace

double Schedule::n_warm_up(std::int64_t n) const {
  if (!std::isnan(warm_up)) return warm_up;
  return (shape == Shape::one_cycle ? 0.3 : 0.1) * static_cast<double>(n);
}

double Schedule::factor(std::int64_t s, std::int64_t n) const {
  if (shape == Shape::constant) return 1.0;
  const double warm = n_warm_up(n), at_update = static_cast<double>(s);
  if (shape == Shape::one_cycle) {
    const Cycle at = cycle(s, n, warm);
    return at.rising ? between(start_factor, 1.0, at.share)
                     : between(1.0, start_factor * final_factor, at.share);
  }
  if (at_update < warm) return between(start_factor, 1.0, share(at_update, warm));
  if (shape == Shape::warm_up) return 1.0;
  const double passed = share(at_update - warm, static_cast<double>(n) - warm, 0.0);
  return final_factor + (1.0 - final_factor) * 0.5 * (1.0 + std::cos(std::numbers::pi * passed));
}

double Schedule::momentum(std::int64_t s, std::int64_t n) const {
  if (shape != Shape::one_cycle || !cycle_momentum) return std::numeric_limits<double>::quiet_NaN();
  const Cycle at = cycle(s, n, n_warm_up(n));
  return at.rising ? between(0.95, 0.85, at.share) : between(0.85, 0.95, at.share);
}

Result<Schedule> schedule_of(const Settings& optimizer) {
  Schedule out;
  const auto node = optimizer.find("schedule");
  if (node == optimizer.end() || node->is_null()) return out;
  std::string word =
      node->is_string() ? node->get<std::string>() : node->value("shape", "constant");
  if (word == "warm-up") word = "warm_up";
  const Settings options = node->is_object() ? *node : Settings::object();
  static const std::vector<std::string> words{"constant", "warm_up", "cosine", "one_cycle"};
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) {
    return Error{"optimizer.schedule", "there is no schedule '" + word + "'",
                 suggestion(word, words)};
  }
  out.shape = static_cast<Schedule::Shape>(found - words.begin());
  const bool one_cycle = out.shape == Schedule::Shape::one_cycle;
  const bool has_share = one_cycle || out.shape == Schedule::Shape::warm_up;
  out.warm_up =
      number_or(options, "warm_up", has_share ? std::numeric_limits<double>::quiet_NaN() : 0.0);
  out.start_factor = number_or(options, "start_factor", one_cycle ? 0.04 : 0.0);
  out.final_factor = number_or(options, "final_factor", one_cycle ? 1e-4 : 0.0);
  out.cycle_momentum = options.value("cycle_momentum", true);
  return out;
}

bool wants_jacobian(const Settings& optimizer) {
  const Settings& rate = optimizer.at("learning_rate");
  return rate.is_object() && rate.size() == 1 && rate.contains("jacobian");
}

Result<std::vector<double>> learning_rates(const Settings& optimizer,
                                           const ParameterLayout& layout) {
  const Settings& rate = optimizer.at("learning_rate");
  std::vector<double> out;
  if (wants_jacobian(optimizer)) {
    for (const ParameterBlock& block : layout.blocks)
      if (block.trained) out.push_back(rate.at("jacobian").get<double>());
    return out;
  }
  std::vector<std::string> names{"default"};
  for (const ParameterBlock& block : layout.blocks) {
    names.push_back(block.name);
    if (block.base_name != block.name) names.push_back(block.base_name);
    if (!block.goes_with.empty()) names.push_back(block.goes_with);
  }
  Errors errors;
  if (rate.is_object()) {
    for (const auto& [name, value] : rate.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        errors.push_back({"optimizer.learning_rate", "the model has no matrix '" + name + "'",
                          suggestion(name, names)});
      } else if (!value.is_number()) {
        errors.push_back(
            {"optimizer.learning_rate." + name, "is not a number", "write " + name + ": 0.01"});
      }
    }
    if (!errors.empty()) return errors;
  }
  for (const ParameterBlock& block : layout.blocks) {
    if (!block.trained) continue;
    if (rate.is_number()) {
      out.push_back(rate.get<double>());
    } else if (rate.is_object()) {
      const std::string& name = rate.contains(block.name)        ? block.name
                                : rate.contains(block.base_name) ? block.base_name
                                : rate.contains(block.goes_with) ? block.goes_with
                                                                 : names.front();
      if (rate.contains(name)) {
        out.push_back(rate.at(name).get<double>());
      } else {
        errors.push_back({"optimizer.learning_rate",
                          "gives no rate for the matrix '" + block.name + "'",
                          "name it, or add `default: 0.01`"});
      }
    } else {
      return Error{"optimizer.learning_rate",
                   "is neither a number nor a mapping of matrices to numbers", ""};
    }
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace attnlab

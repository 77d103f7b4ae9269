// least_softmax_loss.cpp: one number a query, so one line of points for each token.
#include "claims/least_softmax_loss.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "claims/series.hpp"

namespace attnlab {
namespace {

constexpr double farthest = 20, spacing = 1e-3;  // of the grid, of one query

// All numbers of {values: ...}, in order; empty if it is none.
std::vector<double> values_at(const Settings& trial, const char* path) {
  std::vector<double> out;
  const Settings* const node = find(trial, path);
  if (!node || !node->is_object() || !node->contains("values")) return out;
  const auto gather = [&](const auto& self, const Settings& part) -> void {
    if (part.is_number()) out.push_back(part.get<double>());
    if (part.is_array())
      for (const Settings& each : part) self(self, each);
  };
  gather(gather, node->at("values"));
  return out;
}

bool is_unit_matrix(const std::vector<double>& x, std::size_t n) {
  if (x.size() != n * n) return false;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] != (i / n == i % n ? 1 : 0)) return false;
  return true;
}

}  // namespace

std::optional<double> least_softmax_loss(const Settings& trial) {
  const std::vector<double> keys = values_at(trial, "model.init.W_K"),
                            to_value = values_at(trial, "model.init.W_V"),
                            out = values_at(trial, "model.init.W_O"),
                            targets = values_at(trial, "task.targets");
  const std::size_t n = keys.size();  // tokens: X is the unit matrix, so K = W_K
  const bool fits = n > 0 && to_value.size() == n && out.size() == 1 && targets.size() == n &&
                    number_setting(trial, "model.heads", 1) == 1 &&
                    number_setting(trial, "model.key_dim", 0) == 1 &&
                    is_unit_matrix(values_at(trial, "task.inputs"), n);
  if (!fits) return std::nullopt;
  const double temperature = number_setting(trial, "model.attention.kernel.temperature", 1);
  std::vector<double> least(n, std::numeric_limits<double>::infinity());
  for (double q = -farthest; q <= farthest; q += spacing) {
    double sum = 0, weighted = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double weight = std::exp(q * keys[j] / temperature);
      sum += weight;
      weighted += weight * to_value[j] * out[0];
    }
    for (std::size_t i = 0; i < n; ++i)
      least[i] = std::min(least[i], 0.5 * std::pow(weighted / sum - targets[i], 2));
  }
  double loss = 0;
  for (const double of_token : least) loss += of_token;
  return loss;
}

}  // namespace attnlab

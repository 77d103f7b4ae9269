// exclude.cpp: compares excluded values with those of the axes.
#include "grid/exclude.hpp"

#include <algorithm>
#include <cmath>

#include "grid/path.hpp"

namespace attnlab {
namespace {

// Numbers that differ by rounding alone are one: 0.1 excludes the 0.1 of a logspace.
bool same(const Settings& a, const Settings& b) {
  if (!a.is_number() || !b.is_number() || a == b) return a == b;
  const double x = a.get<double>(), y = b.get<double>();
  return std::abs(x - y) <= 1e-12 * std::max(std::abs(x), std::abs(y));
}

// What `value`, which stands at `path`, has at `beneath`; nothing if it has nothing there.
std::optional<Settings> inside(const Settings& value, const std::string& path,
                               const std::string& beneath) {
  if (path == beneath) return value;
  Settings root = Settings::object();
  set_at(root, path, value);
  return value_at(root, beneath);
}

}  // namespace

std::vector<std::vector<std::vector<bool>>> excluded_values(const Grid& grid) {
  std::vector<std::vector<std::vector<bool>>> all;
  for (const Exclusion& exclusion : grid.exclusions) {
    std::vector<std::vector<bool>> values(grid.axes.size());
    bool possible = true;
    for (std::size_t e = 0; e < exclusion.paths.size(); ++e) {
      const std::string& path = exclusion.paths[e];
      bool swept = false;
      for (std::size_t a = 0; a < grid.axes.size(); ++a) {
        const Axis& axis = grid.axes[a];
        for (std::size_t p = 0; p < axis.paths.size(); ++p) {
          if (!is_within(path, axis.paths[p])) continue;
          swept = true;
          if (values[a].empty()) values[a].assign(axis.values.size(), true);
          for (std::size_t v = 0; v < axis.values.size(); ++v) {
            const auto has = inside(axis.values[v][p], axis.paths[p], path);
            values[a][v] = values[a][v] && has && same(*has, exclusion.values[e]);
          }
        }
      }
      if (swept) continue;
      const auto has = value_at(grid.trial, path);
      possible = possible && has && same(*has, exclusion.values[e]);
    }
    if (possible) all.push_back(std::move(values));
  }
  return all;
}

}  // namespace attnlab

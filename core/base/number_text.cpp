// number_text.cpp: three digits and a unit.
#include "base/number_text.hpp"

#include <cmath>
#include <cstdio>

namespace attnlab {
namespace {

std::string scaled(double n, double step, const char* const* units, int n_units) {
  if (!std::isfinite(n)) return "?";
  int unit = 0;
  // 999.6 would be written 1e+03 with three digits.
  while (std::abs(n) >= 999.5 && unit + 1 < n_units) {
    n /= step;
    ++unit;
  }
  char text[48];
  std::snprintf(text, sizeof text, "%.3g%s", n, units[unit]);
  return text;
}

}  // namespace

std::string count_text(double n) {
  static constexpr const char* units[] = {"", "k", "M", "G", "T", "P", "E"};
  return scaled(n, 1000, units, 7);
}

std::string bytes_text(double n) {
  static constexpr const char* units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
  return scaled(n, 1024, units, 6);
}

std::string counted(std::int64_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

}  // namespace attnlab

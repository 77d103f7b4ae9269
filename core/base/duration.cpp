// duration.cpp: reading and writing lengths of time.
#include "base/duration.hpp"

#include <cmath>
#include <cstdio>
#include <regex>

namespace attnlab {

Result<double> parse_duration(std::string_view text) {
  static const std::regex units(R"((?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?)");
  static const std::regex clock(R"((?:(\d+)-)?(\d+):([0-5]\d):([0-5]\d))");
  const std::string word(text);
  std::smatch part;
  const bool matches = std::regex_match(word, part, units) || std::regex_match(word, part, clock);
  const auto number = [&](std::size_t i) { return part[i].matched ? std::stod(part[i]) : 0.0; };
  const bool too_many_hours = matches && word.find('-') != std::string::npos && number(2) >= 24;
  const double seconds = matches && !too_many_hours
                             ? ((number(1) * 24 + number(2)) * 60 + number(3)) * 60 + number(4)
                             : 0.0;
  if (!(seconds > 0) || !std::isfinite(seconds)) {
    return Error{"", "'" + word + "' is not a length of time",
                 "write 90s, 20m, 4h30m or D-HH:MM:SS"};
  }
  return seconds;
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  char text[64];
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (seconds < 60) {
    std::snprintf(text, sizeof text, "%.1fs", seconds);
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%lldm%02llds", whole / 60, whole % 60);
  } else if (whole < 86400) {
    std::snprintf(text, sizeof text, "%lldh%02lldm", whole / 3600, whole / 60 % 60);
  } else {
    std::snprintf(text, sizeof text, "%lldd%02lldh", whole / 86400, whole / 3600 % 24);
  }
  return text;
}

}  // namespace attnlab

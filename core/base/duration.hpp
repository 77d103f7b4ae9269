// duration.hpp: DURATION of the command line: `90s`, `20m`, `4h30m` or `D-HH:MM:SS`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace attnlab {

Result<double> parse_duration(std::string_view text);  // seconds, > 0
std::string duration_text(double seconds);             // "4h30m", "12.3s": for people

}  // namespace attnlab

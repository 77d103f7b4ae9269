// spelling.hpp: swept values as a column: whole numbers, numbers, or YAML text.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/settings.hpp"

namespace attnlab {

// One line of YAML that reads back to `value`, by YAML 1.1 and 1.2 readers; text without quotes
// where it stays text.
std::string spelling(const Settings& value);

using SweptColumn =
    std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
SweptColumn column_of(const std::vector<Settings>& values);

}  // namespace attnlab

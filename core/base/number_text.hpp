// number_text.hpp: numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace attnlab {

std::string count_text(double n);  // "950", "12.3k", "4.56M", "7.89G", ... "1.2E"
std::string bytes_text(double n);  // "950 B", "12.3 KiB", "4.6 MiB"
std::string counted(std::int64_t n, std::string_view noun);  // "1 trial", "2 trials"

}  // namespace attnlab

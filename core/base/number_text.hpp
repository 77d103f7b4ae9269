// number_text.hpp: large numbers for people.
#pragma once

#include <string>

namespace attnlab {

std::string count_text(double n);  // "950", "12.3k", "4.56M", "7.89G", ... "1.2E"
std::string bytes_text(double n);  // "950 B", "12.3 KiB", "4.6 MiB"

}  // namespace attnlab

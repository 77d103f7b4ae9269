// spelling.hpp: bytes, words and shares as people see them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reading {

// "a", "0x0a".
std::string byte_name(unsigned char byte);

// Valid UTF-8 as it is, control characters and all other bytes as \xNN.
std::string printable(std::string_view word);

// "12.5 %" of a whole; "0.0 %" of nothing.
std::string percent(std::int64_t part, std::int64_t whole);

}  // namespace reading

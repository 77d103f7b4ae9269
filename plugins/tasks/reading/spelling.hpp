// spelling.hpp: bytes and words as people see them.
#pragma once

#include <string>
#include <string_view>

namespace reading {

// "a", "0x0a".
std::string byte_name(unsigned char byte);

// Valid UTF-8 as it is, control characters and all other bytes as \xNN.
std::string printable(std::string_view word);

}  // namespace reading

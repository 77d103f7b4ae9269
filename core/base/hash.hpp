// hash.hpp: SHA-256 (OpenSSL) of text and files, CRC-32 (zlib) of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace attnlab {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
std::string hex(const Sha256& digest);  // 64 hex digits
Result<std::string> sha256_of_file(const std::filesystem::path& file);
std::uint32_t crc32(std::string_view bytes);

}  // namespace attnlab

// png_file.hpp: PNG files as 8-bit grey pixels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace reading {

struct Image {
  std::int64_t rows = 0, columns = 0;
  std::vector<std::uint8_t> grey;  // row by row
};

// Reads a PNG file of any kind. Colours become 0.299 R + 0.587 G + 0.114 B, rounded; 16 bits are
// scaled to 8, transparency and gamma are not looked at. Fails (attnlab::Failure, with the file)
// if it is empty, no PNG, cut off or damaged.
Image read_png(const std::filesystem::path& file);

}  // namespace reading

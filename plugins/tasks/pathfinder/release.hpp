// release.hpp: Pathfinder images in the folders of the Long Range Arena's release.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "../reading/pack.hpp"

namespace pathfinder {

struct Release {
  std::int64_t rows = 0, columns = 0;
  std::span<const std::uint8_t> grey;  // image after image
  std::span<const std::uint8_t> labels;
  std::filesystem::path folder;  // that of the difficulty
  std::int64_t n_batches = 0;
  std::int64_t n_unnamed = 0;                 // images that no metadata name, left out
  reading::Texts empty;                       // image files of 0 bytes, left out
  std::shared_ptr<const reading::Pack> pack;  // holds all of it

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

// All images that the metadata of one difficulty name, in the order of batches and lines, read or
// found preprocessed.
// `path` is the folder of the difficulty (it holds metadata/ and imgs/) or one above it, in which
// the folder for `contour_length` is taken. Fails with the file and what is wrong.
Release read_release(const std::filesystem::path& path, std::int64_t contour_length);

}  // namespace pathfinder

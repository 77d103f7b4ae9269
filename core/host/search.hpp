// search.hpp: the plugin files below some folders.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/catalogue.hpp"
#include "base/result.hpp"

namespace attnlab {

struct Candidate {
  std::filesystem::path file;      // canonical
  std::optional<PluginKind> kind;  // what the subfolder says it is
};

struct Found {
  std::vector<Candidate>
      candidates;  // in the order of the folders, then by name; each real path once
  Errors refused;  // world-writable folders and files
};

// The *.so files of each folder and of its subfolders task, kernel and optimizer; a path that is a
// file stands for itself. Fails if a path is neither folder nor file.
Result<Found> search(const std::vector<std::filesystem::path>& folders);

}  // namespace attnlab

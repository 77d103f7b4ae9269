// origin.hpp: grid.resolved.yaml read back.
#pragma once

#include <filesystem>

#include "store/store.hpp"

namespace attnlab {

// All but the text of the grid.
Result<GridOrigin> read_resolved(const std::filesystem::path& file);

}  // namespace attnlab

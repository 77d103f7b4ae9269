// facts.hpp: what shows that files are still those that were read, without reading them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reading {

// One line a file: its path, size, times of the last change of content and of the file's own data
// in nanoseconds, and number on its disk; below a folder, all files at any depth, hidden ones left
// out, in a fixed order. What is not there, or cannot be looked at, has a line that says so.
std::string facts_of(const std::vector<std::filesystem::path>& files);

// What shows that the code which preprocesses is still the same: the linker's number of the shared
// library (or program) that holds this function. "": it has none.
std::string build_of_this_library();

}  // namespace reading

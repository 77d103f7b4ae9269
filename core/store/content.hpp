// content.hpp: digests of what a results file says, whatever its layout on the disk.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/h5.hpp"

namespace attnlab {

// Attributes by name with their bytes, without what dimension scales bring along.
std::vector<std::pair<std::string, std::string>> own_attributes(const h5::Handle& object);

// SHA-256 of each group and dataset outside /provenance, by path: type, sizes, numbers, texts, and
// attributes.
std::vector<std::pair<std::string, std::string>> digests_of(const h5::Handle& file);
// One digest of them all.
std::string content_of(const std::vector<std::pair<std::string, std::string>>& digests);

}  // namespace attnlab

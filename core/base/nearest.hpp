// nearest.hpp: the valid name that a misspelt one most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace attnlab {

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), if it is
// nearer than a third of the longer word plus one; else the only one that begins with `word` (three letters at least); else "".
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// "did you mean 'softmax'?", or "one of a, b, c" if nothing is near.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace attnlab

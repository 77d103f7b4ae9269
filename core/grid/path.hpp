// path.hpp: dotted paths into the settings of a trial, "model.attention.kernel.plugin".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/settings.hpp"

namespace attnlab {

// The keys of a path. A layer and its matrix are one key: "model.init.layer0.W_Q" has three.
std::vector<std::string> keys_of(const std::string& path);

// True if `path` is `above` or lies beneath it.
bool is_within(const std::string& path, const std::string& above);

// What a word or number at `path` is short for, if keys beneath it are given: `schedule: cosine` is
// {shape: cosine}, `none` is {}; null if it is short for nothing.
Settings spelt_out(const std::string& path, const Settings& value);

// The value at `path`, short words spelt out; nothing if there is none.
std::optional<Settings> value_at(const Settings& root, const std::string& path);

// Sets the value at `path`, makes mappings on the way. Answers the path of the value that is in the
// way, or "".
std::string set_at(Settings& root, const std::string& path, const Settings& value);

}  // namespace attnlab

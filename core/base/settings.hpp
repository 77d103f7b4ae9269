// settings.hpp: the tree of settings of one trial. A JSON value whose keys are sorted, so that equal settings have equal text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/index.hpp"

namespace attnlab {

using Settings = nlohmann::json;

// The one spelling of a tree: keys sorted, no blanks, numbers in their shortest exact form.
std::string canonical(const Settings& settings);

// The first 64 bits of the SHA-256 of canonical(settings).
TrialId id_of(const Settings& settings);

// The node at `path` ("model.attention.kernel.plugin"), or null if there is none.
const Settings* find(const Settings& settings, const std::string& path);

// The tree as block YAML, two spaces an indent, keys in their sorted order; it reads back to an equal tree.
std::string to_yaml(const Settings& settings);

}  // namespace attnlab

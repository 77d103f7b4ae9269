// admit.hpp: whether what a file's entry symbol answers is a plugin this program can use, and what
// it says of itself.
#pragma once

#include <attnlab/plugin.h>

#include <filesystem>
#include <optional>

#include "base/catalogue.hpp"
#include "base/result.hpp"

namespace attnlab {

// The description, file and hash left empty. Fails with every reason to refuse it that could be
// seen; `expected` is the kind its subfolder is for.
Result<PluginDescription> admit(const attnlab_plugin* plugin, const std::filesystem::path& file,
                                std::optional<PluginKind> expected);

// Text of a plugin made safe to store: bytes that are no UTF-8 become '?'; null becomes "".
std::string clean_text(const char* text);

}  // namespace attnlab

// folders.hpp: folders whose layout gives the class: a folder a class, or a file a class.
#pragma once

#include "../reading/file.hpp"
#include "documents.hpp"

namespace text_classification {

namespace fs = reading::fs;

// Each subfolder is a class, each file in it one text, whole and unchanged. A subfolder `unsup`
// (reviews without a rating) is left out and counted.
Documents folder_per_class(const fs::path& folder);

// Each file is a class, each line of it one text. The class is the last part of the name if the
// files differ in that only (rt-polarity.pos), else what stands before the extension (pos.txt).
// README and LICENSE files are left out.
Documents file_per_class(const fs::path& folder);

}  // namespace text_classification

// report.hpp: a results file as one self-contained HTML page.
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace attnlab {

// Reads `results` (a run directory or a results.h5) and writes `out` whole or not at all. Curves of
// at most 60 trials and attention maps of at most 12 are shown, evenly chosen over the grid; the
// page says so.
Result<Done> write_report(const std::filesystem::path& results, const std::filesystem::path& out);

}  // namespace attnlab

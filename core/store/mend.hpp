// mend.hpp: puts aside what is damaged in a run directory, so that what stays is what counts.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "store/journal.hpp"

namespace attnlab {

// After a look at all lines (`intact`) that found `good` lines and the segments of `damage`.
// Journals with other lines (damaged, of a segment that is damaged or gone, or of a trial that
// `good` finds elsewhere) are written anew without them; what was taken out stands in
// NAME.damaged-N. Damaged segments become NAME.damaged. A segment that only cannot be read now
// stays, with its lines. For the one that holds the directory alone. Killed half-way, it can be
// done again.
Result<Done> put_damage_aside(const std::filesystem::path& dir,
                              const std::vector<JournalLine>& good, const SegmentDamages& damage);

}  // namespace attnlab

// judge.hpp: the claims of a grid on what is stored, for the end of a run and for `check`.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "store/reader.hpp"
#include "store/store.hpp"

namespace attnlab {

// Judges the claims of these names; none named: no rows.
Judge judge_of(std::vector<std::string> names);

// The verdicts of a results.h5.
Result<std::vector<ClaimRow>> read_claims(const Results& results);

// A line a verdict: claim, trials, measured, bound, verdict; then the sentences of those that do
// not hold. At most `most` verdicts.
void print_claims(std::FILE* out, const std::vector<ClaimRow>& rows, std::size_t most);

}  // namespace attnlab

// judge.hpp: the claims of a grid on what is stored, for the end of a run and for `check`.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "store/reader.hpp"
#include "store/store.hpp"

namespace attnlab {

// Judges the claims of these names; none named: no rows. Slices of loss surfaces are looked for in
// the folder `landscapes`, if one is named: results.h5 must not depend on them, so only `check`
// does. With `waiting`, verdicts that more finished trials may bring are left out, and their claims
// named there, each once; it must outlive the judge.
Judge judge_of(std::vector<std::string> names, std::filesystem::path landscapes = {},
               std::vector<std::string>* waiting = nullptr);

// The verdicts of a results.h5.
Result<std::vector<ClaimRow>> read_claims(const Results& results);

// A line a verdict: claim, trials, measured, bound, verdict, sentence. The first `most`, and of the
// others those that do not hold, so that there are twice as many at most.
void print_claims(std::FILE* out, const std::vector<ClaimRow>& rows, std::size_t most);

}  // namespace attnlab

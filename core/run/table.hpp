// table.hpp: trials as a table for people.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "schedule/message.hpp"
#include "store/store.hpp"

namespace attnlab {

// Columns padded to their widest cell; numbers to the right, text to the left.
std::string columns(const std::vector<std::vector<std::string>>& rows);

// The first n_printed trials, then how many more there are, and the sentences of the first trials
// that failed.
inline constexpr std::size_t n_printed = 20;
void print_table(std::FILE* out, const Table& table);

std::string counts_text(const Tally& tally);    // "40 trials: 38 done, 2 failed"
std::string failures_text(const Tally& tally);  // "2 of 40 trials are not done"

}  // namespace attnlab

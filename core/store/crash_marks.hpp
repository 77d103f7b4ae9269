// crash_marks.hpp: which trials crashed so far, and how: DIR/log/crashes-*.txt, a file for each
// process that saw a crash. They stay until their trials are finished.
//
//   0123456789abcdef certain 3 died of SIGSEGV
//   fedcba9876543210 near 7 died of SIGSEGV      (another thread's fault, or nobody knows whose)
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/index.hpp"
#include "base/result.hpp"

namespace attnlab {

struct PastCrashes {
  int certain = 0;         // its own
  int near = 0;            // of processes that trained it
  std::int64_t step = -1;  // of the last certain one; -1: before the first step
  std::string how;         // "died of SIGSEGV"
};

// This process's file; made by whoever writes the first line.
std::filesystem::path crash_marks_file(const std::filesystem::path& dir, int rank);
std::string crash_mark(TrialId id, std::int64_t step, std::string_view how);  // a line, certain
Result<Done> add_crash_mark(const std::filesystem::path& file, const std::string& line);

// All lines of DIR; empty if there are none.
std::string crash_marks_text(const std::filesystem::path& dir);
// What `text` says of each trial. Lines that are none are left out: a dying process wrote them.
std::map<TrialId, PastCrashes> crashes_from(const std::string& text);
std::map<TrialId, PastCrashes> crashes_of(const std::filesystem::path& dir);

// Removes the files that speak of finished trials only. While nobody writes there.
void remove_crash_marks(const std::filesystem::path& dir, std::span<const TrialId> finished);

}  // namespace attnlab

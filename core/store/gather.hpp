// gather.hpp: the finished trials of an outline, found in the segments, in the outline's order,
// with their cohorts.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "store/outline.hpp"
#include "store/segment.hpp"

namespace attnlab {

struct Gathered {
  struct Place {  // where the series of a trial are
    std::size_t segment = 0;
    Index cohort = 0;  // in that segment
    Index row = 0;     // in that cohort
  };
  struct Cohort {
    CohortShape shape;
    std::vector<std::int64_t> trials;  // numbers
    std::vector<Place> places;         // of each
  };
  std::vector<std::filesystem::path> segments;
  std::vector<std::int64_t> numbers;  // of the finished trials, ascending
  std::vector<SegmentRow> rows;       // of each; cohort and row are those of the results file
  std::vector<Cohort> cohorts;        // ordered by their first trial
};

// Throws h5::Failure. Segments that are damaged count as not there.
Result<Gathered> gather(const std::filesystem::path& dir, const Outline& outline);

// Copies the series and settings of one cohort into its group, a block of trials at a time: bounded
// memory.
void copy_cohort(const Gathered& gathered, const Gathered::Cohort& cohort, const h5::Handle& place,
                 const std::string& name);

}  // namespace attnlab

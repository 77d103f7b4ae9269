// segment.hpp: finished trials as the bytes of one HDF5 file, and that file read back by merge and
// verify.
//
//   /trials [trial]   number in the segment, id, status, error, cohort, row, seed, steps,
//                     parameters, final_loss, final_accuracy, and the columns of /provenance
//   /cohorts/cK       as in results.h5; the attribute `shape` holds the CohortShape as text
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "store/shape.hpp"
#include "store/store.hpp"

namespace attnlab {

// Finished trials on their way into a segment. Thousands of small ones wait at a time, so that each
// holds its numbers and the text of its settings, and shares its shape with its cohort.
class SegmentContent {
 public:
  struct One {
    TrialId id;
    TrialStatus status = TrialStatus::done;
    std::string error, settings;  // settings: as they stand in the file
    std::int32_t cohort = -1;     // -1: it has no records
    std::int64_t row = -1;
    std::int64_t seed = 0, steps = 0, parameters = 0;
    double final_loss = 0, final_accuracy = 0;
    double finished_at = 0;           // Unix time
    std::vector<std::string> values;  // of each series of its cohort, as bytes
    Provenance provenance;
  };

  // Its records must not contradict themselves.
  void add(FinishedTrial trial, double finished_at);
  const std::vector<One>& trials() const { return trials_; }
  const std::vector<CohortShape>& shapes() const { return shapes_; }
  std::size_t n_bytes() const { return n_bytes_; }  // that it fills, about
  void clear();

 private:
  std::vector<One> trials_;
  std::vector<CohortShape> shapes_;
  std::vector<std::int64_t> n_rows_;  // [cohort]
  std::size_t n_bytes_ = 0;
};

// The bytes of a segment. Numbers are stored plain: a segment must be closed within a second after
// a signal.
std::string segment_bytes(const SegmentContent& content);

struct SegmentRow {  // one trial without its series
  TrialId id;
  TrialStatus status = TrialStatus::done;
  std::string error;
  std::int32_t cohort = -1;
  std::int64_t row = -1;
  std::int64_t seed = 0, steps = 0, parameters = 0;
  double final_loss = 0, final_accuracy = 0;
  Provenance provenance;
};

// An open segment; throws h5::Failure.
class Segment {
 public:
  explicit Segment(const std::filesystem::path& file);
  std::vector<SegmentRow> rows() const;
  std::vector<std::string> shapes() const;  // text of the shape of each cohort

  struct Pick {
    Index from;  // row in the segment's cohort
    Index to;    // row in the caller's block
  };
  // Copies rows of one series of one cohort to block[to * row_bytes]; `picks` ascending in `from`.
  void copy(Index cohort, const SeriesShape& one, Index row_bytes, std::span<const Pick> picks,
            char* block) const;
  void copy_settings(Index cohort, std::span<const Pick> picks,
                     std::vector<std::string>& block) const;

 private:
  h5::Handle file_;
};

}  // namespace attnlab

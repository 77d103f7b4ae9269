// checkpoint.hpp: the state of a trial between two updates, as bytes, and the place where it
// outlives its process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace attnlab {

// Where one trial's state is kept. All calls come from the thread that trains it, between two
// updates.
class CheckpointPlace {
 public:
  virtual ~CheckpointPlace() = default;
  // What was saved last; none if there is nothing, or nothing that may be used.
  virtual std::optional<std::string> load() = 0;
  // Replaces it, wholly or not at all. A place that cannot keep it says so itself: training goes
  // on.
  virtual void save(std::int64_t step, const std::string& bytes) = 0;
  // Told once if `load` brought something: the trial goes on at `step`, or the bytes do not fit it
  // and it starts over.
  virtual void continued(std::int64_t step) = 0;
  virtual void refused(const std::string& why) = 0;
};

// All that an update reads and a later one cannot make again. Batches, dropout, rates and matrices
// that stay fixed follow from the settings and the step.
struct HalfWay {
  std::int64_t step = 0;               // updates made
  double time = 0;                     // flow time
  std::string_view parameters, state;  // of the trained matrices; of the optimizer
  std::string_view observed;           // what the observer keeps of the steps before
};
std::string encode(const HalfWay& state);
// Views into `bytes`. Fails if they are not what encode made.
Result<HalfWay> decode_half_way(std::string_view bytes);

}  // namespace attnlab

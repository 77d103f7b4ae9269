// recorder.hpp: the observer that keeps what `record` of the settings asks for.
#pragma once

#include <memory>

#include "observe/records.hpp"
#include "train/train.hpp"

namespace attnlab {

// Keeps losses, accuracies, norms, entropies, attention snapshots, parameters and the training set
// as `record` asks (contract section 5). The steps of a record that were not reached hold NaN.
class Recorder : public Observer {
 public:
  Recorder();
  ~Recorder() override;
  void begin(const TrialView& trial) override;
  bool wants(std::int64_t step) const override;
  bool wants_samples() const override;
  void at(StepView& view) override;
  // The rows before `step`, bit for bit. Made for a restore by the same settings and the same
  // build.
  std::string content(std::int64_t step) const override;
  bool restore(std::string_view content) override;
  Records take(const Ending& ending);  // once, at the end

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace attnlab

// half_way.hpp: ties training to its checkpoint file, and says so when a trial is continued.
#pragma once

#include <filesystem>
#include <string>

#include "plan/plan.hpp"
#include "store/checkpoint.hpp"
#include "train/checkpoint.hpp"

namespace attnlab {

// What must be equal so that a trial may be continued with the same bits: this program's build, and
// the plugin files that `trial` (complete settings) uses.
std::string build_of(const Settings& trial, const Catalogue& catalogue);

// The file of one trial in DIR/checkpoints. What it cannot read or write is a warning on stderr,
// once for each, never the end of the trial.
class CheckpointOfTrial : public CheckpointPlace {
 public:
  CheckpointOfTrial(const std::filesystem::path& dir, const Trial& trial, std::string build);
  std::optional<std::string> load() override;
  void save(std::int64_t step, const std::string& bytes) override;
  void continued(std::int64_t step) override;
  void refused(const std::string& why) override;
  std::int64_t attempts() const { return attempts_; }  // this one included

 private:
  CheckpointFile file_;
  std::string name_;
  std::int64_t attempts_ = 1;
  bool complained_ = false;
};

}  // namespace attnlab

// records_of_trial.hpp: a trial's records in memory as claims see them: for tests, and for whoever
// trains without a run directory.
#pragma once

#include "claims/trial_records.hpp"
#include "observe/records.hpp"

namespace attnlab {

class RecordsOfTrial : public TrialRecords {
 public:
  RecordsOfTrial(Index number, Settings settings, Records records, bool done = true)
      : number_(number),
        settings_(std::move(settings)),
        records_(std::move(records)),
        done_(done) {}
  Index number() const override { return number_; }
  bool done() const override { return done_; }
  const Settings& settings() const override { return settings_; }
  std::optional<RecordedArray> series(const std::string& name) const override;
  std::vector<double> scale(const std::string& axis) const override;
  std::vector<std::string> labels(const std::string& axis) const override;

 private:
  const RecordAxis* axis(const std::string& name) const;
  Index number_;
  Settings settings_;
  Records records_;
  bool done_;
};

}  // namespace attnlab

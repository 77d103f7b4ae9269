// attempt.cpp: trains with a recorder that tells the slot where the trial is, and watches the
// clock.
#include "run/attempt.hpp"

#include <cstdio>

#include "observe/recorder.hpp"
#include "run/half_way.hpp"
#include "run/machine.hpp"

namespace attnlab {
namespace {

class WatchedRecorder : public Recorder {
 public:
  WatchedRecorder(TrialSlot& slot, double end) : slot_(slot), end_(end) {}

  bool wants(std::int64_t step) const override {
    slot_.step.store(step, std::memory_order_relaxed);
    if (steady_seconds() >= end_) {
      late_ = true;
      slot_.stop = true;
    }
    return Recorder::wants(step);
  }
  void at(StepView& view) override {
    slot_.step.store(view.step(), std::memory_order_relaxed);
    Recorder::at(view);
  }
  bool late() const { return late_; }

 private:
  TrialSlot& slot_;
  double end_;
  mutable bool late_ = false;
};

}  // namespace

Attempt attempt(const Workshop& workshop, const Plugins& plugins, const Trial& trial,
                const Settings& settings, TaskCache& cache, TrialSlot& slot) {
  WatchedRecorder recorder(slot, steady_seconds() + workshop.limit);
  CheckpointOfTrial place(workshop.directory, trial, build_of(settings, plugins.catalogue()));
  const Ending ending = train(settings, plugins, workshop.folder, workshop.threads_each, slot.stop,
                              recorder, &cache, &place);
  Attempt out;
  out.attempts = place.attempts();
  out.status = ending.status;
  out.error = ending.error;
  out.stopped = ending.stopped && !recorder.late();
  if (ending.stopped && recorder.late()) {
    out.status = TrialStatus::timed_out;
    out.error = over_limit(workshop.limit) + ", " + at_step(ending.steps);
  }
  if (!out.stopped) out.records = recorder.take(ending);
  return out;
}

std::string crash_sentence(const std::string& how, std::int64_t step, int crashes) {
  return how + " " + at_step(step) + ", " + std::to_string(crashes) + " times in all";
}

std::string over_limit(double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "took longer than its limit of %g s", seconds);
  return text;
}

std::string at_step(std::int64_t step) {
  return step < 0 ? "before its first step" : "at step " + std::to_string(step);
}

}  // namespace attnlab

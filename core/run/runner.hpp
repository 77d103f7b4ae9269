// runner.hpp: trains trials on this rank's threads and hands the ended ones back.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "run/isolate.hpp"
#include "run/prepare.hpp"
#include "store/store.hpp"

namespace attnlab {

// A trial that left its thread. `stopped`: it was cut short and is to be trained again.
struct Ended {
  Index number = 0;
  bool stopped = false;
  FinishedTrial trial;
};

// All calls from the main thread. At most `width.trials_at_once` trials train at any time; those
// started beyond that wait their turn.
class Runner {
 public:
  // Trials that the run directory holds half-way are continued, those that crashed often enough are
  // not tried again. `limit`: seconds that a trial may take. `isolation`: where those train that it
  // isolates, and those that were there when a process died; null: all train here.
  Runner(const Prepared& prepared, int rank, double limit, const TrialSlots& slots,
         Isolation* isolation);
  ~Runner();  // raises stop and waits for the running trials

  void start(Index number);
  std::optional<Ended> ended();                  // one that has ended, or none
  void rest(std::chrono::microseconds longest);  // until a trial ends, or this long
  void stop();             // running trials are kept half-way; waiting ones never begin
  Index n_inside() const;  // started and not yet handed back

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace attnlab

// training.hpp: the middle of a run: every waiting trial is trained once, by some rank, and made
// safe.
#pragma once

#include "comm/comm.hpp"
#include "plan/plan.hpp"
#include "run/early.hpp"
#include "run/options.hpp"
#include "run/prepare.hpp"
#include "schedule/message.hpp"

namespace attnlab {

struct Trained {
  Tally tally;   // of this run: on rank 0 of all ranks, elsewhere of this one
  int code = 0;  // 0: every waiting trial has ended; 75: stopped; 3: the machine failed
  bool abandoned =
      false;  // threads are still inside trials that would not end: leave by leave_at_once
};

// Every rank calls it; it answers when all ranks have closed their segments. `process_began`:
// steady seconds.
Trained train_all(Comm& comm, const Prepared& prepared, const Options& options, Early& early,
                  double process_began);

}  // namespace attnlab

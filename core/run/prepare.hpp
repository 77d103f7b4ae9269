// prepare.hpp: from the grid file to the trials that wait; the same on every rank, or the same exit
// code on every rank.
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "comm/comm.hpp"
#include "host/plugins.hpp"
#include "plan/plan.hpp"
#include "run/early.hpp"
#include "run/options.hpp"
#include "schedule/nodes.hpp"
#include "schedule/width.hpp"
#include "schedule/work_list.hpp"
#include "store/crash_marks.hpp"
#include "store/store.hpp"

namespace attnlab {

struct Prepared {
  Plugins plugins;
  Plan plan;
  std::filesystem::path directory;        // absolute
  std::optional<RunDirectory> ownership;  // rank 0 only
  Share share;                            // of the plan that this run trains
  Index n_finished = 0;                   // trials of the share that an earlier run finished
  WorkList work;                          // those that wait
  Width width;
  Nodes nodes;                             // who asks whom for trials
  std::map<TrialId, PastCrashes> crashes;  // of trials that wait
  std::filesystem::path marks;             // where this process notes crashes
};

struct Preparation {
  std::optional<Prepared> prepared;
  int code = 0;  // if there is none
};

// Every rank calls it. Rank 0 reads, checks and examines everything before anything is written,
// then opens the run directory. Takes the plugins out of `early`, and tells its isolation what the
// run is about.
Preparation prepare(Comm& comm, const Options& options, Early& early);

}  // namespace attnlab

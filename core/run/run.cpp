// run.cpp: the story of a run, from the grid file to the report. Each line's chapter is the file of
// its name.
//
// Every rank plays the same story. Rank 0 also reads, decides and speaks; what it decides reaches
// the others as numbers and texts, so that all of them end with the same exit code.
#include "run/run.hpp"

#include "run/finish.hpp"
#include "run/machine.hpp"
#include "run/prepare.hpp"
#include "run/speak.hpp"
#include "run/stop.hpp"
#include "run/training.hpp"
#include "run/welcome.hpp"
#include "train/train.hpp"

namespace attnlab {

int run_grid(std::unique_ptr<Comm> comm, const Options& options, Early& early, double process_began,
             const std::string& command_line) {
  fix_arithmetic();  // the same bits on every machine of one kind

  // Grid file, plugins, plan; every kind of trial is looked at before anything is written.
  auto [prepared, code] = prepare(*comm, options, early);
  if (!prepared) return code;

  // Who is there, with how many cores, and what waits.
  welcome(*comm, *prepared, options);

  // Every trial that waits is trained once, by some rank, and made safe.
  nothing_to_lose(false);
  const Trained trained = train_all(*comm, *prepared, options, early, process_began);

  // Everyone's segments are closed: from here on, a signal costs nothing.
  code = code_of_severity(static_cast<int>(comm->maximum(severity(trained.code))));
  if (!trained.abandoned) nothing_to_lose(code != exit_stopped);

  // results.h5, the table, the counts, the paths; all ranks stay until rank 0 has spoken.
  if (comm->rank() == 0) code = finish(*prepared, code, command_line);
  code = static_cast<int>(std::stol(comm->broadcast(std::to_string(code))));

  if (trained.abandoned) leave_at_once(std::move(comm), code);
  return code;
}

}  // namespace attnlab

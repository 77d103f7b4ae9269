// progress.hpp: how far the run is, for the person who watches or reads the log. Rank 0, on stderr.
#pragma once

#include <string>

#include "base/index.hpp"
#include "run/options.hpp"
#include "schedule/message.hpp"

namespace attnlab {

// "12 of 40 trials, 3.1 a second, 1 failed, 9.0s left". `before`: trials that an earlier run
// finished.
std::string progress_text(Index before, const Tally& tally, Index total, double seconds);

class Progress {
 public:
  Progress(ProgressStyle style, Index before,
           Index total);                      // automatic: a bar if stderr is a terminal
  void show(const Tally& tally, double now);  // as often as you like; it prints when it is time
  void close(const Tally& tally, double now);

 private:
  void print(const Tally& tally, double now);
  bool bar_;
  bool silent_;
  Index before_;
  Index total_;
  double began_;
  double shown_;
};

}  // namespace attnlab

// progress.cpp: a bar ten times a second, or a line every fifteen seconds.
#include "run/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/duration.hpp"
#include "base/number_text.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"

namespace attnlab {

std::string progress_text(Index before, const Tally& tally, Index total, double seconds) {
  const Index done = before + static_cast<Index>(tally.total());
  std::string text = std::to_string(done) + " of " + counted(total, "trial");
  if (tally.total() > 0 && seconds > 0) {
    const double rate = static_cast<double>(tally.total()) / seconds;
    char number[48];
    std::snprintf(number, sizeof number, rate >= 1 ? ", %.1f a second" : ", %.1f a minute",
                  rate >= 1 ? rate : 60 * rate);
    text += number;
    if (done < total)
      text += ", " + duration_text(static_cast<double>(total - done) / rate) + " left";
  }
  if (tally.failures() > 0) text += ", " + std::to_string(tally.failures()) + " not done well";
  return text;
}

Progress::Progress(ProgressStyle style, Index before, Index total)
    : bar_(style == ProgressStyle::automatic && isatty(STDERR_FILENO) == 1),
      silent_(style == ProgressStyle::none),
      before_(before),
      total_(total),
      began_(steady_seconds()),
      shown_(began_) {}

void Progress::show(const Tally& tally, double now) {
  if (silent_ || now - shown_ < (bar_ ? 0.1 : 15.0)) return;
  print(tally, now);
}

void Progress::close(const Tally& tally, double now) {
  if (silent_) return;
  print(tally, now);
  if (bar_) std::fputs("\n", stderr);
}

void Progress::print(const Tally& tally, double now) {
  shown_ = now;
  const std::string text = progress_text(before_, tally, total_, now - began_);
  if (!bar_) return note("attnlab: " + text);
  constexpr Index width = 30;
  const Index done = before_ + static_cast<Index>(tally.total());
  const auto full =
      static_cast<std::size_t>(total_ > 0 ? std::min(width, width * done / total_) : width);
  const std::string bar = std::string(full, '=') + std::string(width - full, ' ');
  std::fprintf(stderr, "\r[%s] %s\x1b[K", bar.c_str(), text.c_str());
  std::fflush(stderr);
}

}  // namespace attnlab

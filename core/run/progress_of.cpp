// progress_of.cpp: the plan's ids against the journal's.
#include "run/progress_of.hpp"

#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

#include "run/machine.hpp"
#include "store/checkpoint.hpp"
#include "store/crash_marks.hpp"
#include "store/outline.hpp"

namespace attnlab {

std::optional<double> recent_rate(std::span<const TimeSpan> trials) {
  if (trials.empty()) return std::nullopt;
  constexpr double window = 600;
  const double last = std::ranges::max(trials, {}, &TimeSpan::finished).finished;
  double first = last;
  for (const TimeSpan& trial : trials)
    if (trial.finished >= last - window) first = std::min(first, trial.began);
  if (!(last > first)) return std::nullopt;
  const auto n =
      std::ranges::count_if(trials, [&](const TimeSpan& trial) { return trial.finished > first; });
  return static_cast<double>(n) / (last - first);
}

namespace {

// Is the process that `file` names ("process 123 on node4 since ...") known to be gone?
bool is_gone(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string process, on, host;
  pid_t pid = 0;
  if (!(in >> process >> pid >> on >> host)) return false;
  if (host.ends_with(',')) host.pop_back();
  return host == this_host() && pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

bool may_be_running(const std::filesystem::path& dir) {
  std::ifstream in(dir / "journal" / "lock");
  std::string first;
  in >> first;
  if (first != "processes") return !is_gone(dir / "journal" / "lock");
  std::error_code wrong;  // shares: each has a lock of its own
  for (const auto& entry : std::filesystem::directory_iterator(dir / "journal", wrong)) {
    if (entry.path().filename().string().starts_with("lock.") && !is_gone(entry.path()))
      return true;
  }
  return false;
}

Result<RunStatus> status_of(const std::filesystem::path& dir) {
  RunStatus status;
  if (has_only_begun(dir)) return status;
  const auto origin = read_origin(dir);
  if (!origin) return origin.errors();
  status.name = origin->name;
  const auto journal = read_journal(dir, status.warnings);
  if (!journal) return journal.errors();
  std::ifstream in(dir / "log" / "trials.txt", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const std::vector<TrialId> ids = ids_from(text.str());
  status.trials = static_cast<Index>(ids.size());
  std::vector<TimeSpan> spans;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto entry = journal->find(ids[i]);
    if (entry == journal->end()) continue;
    ++status.tally.counts[static_cast<std::size_t>(entry->second.status)];
    const double end = entry->second.finished_at;
    spans.push_back({end - entry->second.wall_seconds, end});
    if (entry->second.status != TrialStatus::done) {
      status.failures.push_back(
          {static_cast<Index>(i), to_string(ids[i]), entry->second.status, entry->second.error});
    }
  }
  for (const TrialId id : half_way_trials(dir)) {
    if (!journal->contains(id) && std::ranges::find(ids, id) != ids.end()) ++status.half_way;
  }
  for (const auto& [id, past] : crashes_of(dir)) {
    if (!journal->contains(id) && std::ranges::find(ids, id) != ids.end()) {
      status.crashes += past.certain;
    }
  }
  const Index left = status.trials - static_cast<Index>(status.tally.total());
  status.complete = left == 0 && is_done(dir);
  status.rate = recent_rate(spans);
  if (left == 0) {
    status.seconds_left = 0;
  } else if (status.rate) {
    status.seconds_left = static_cast<double>(left) / *status.rate;
  }
  return status;
}

}  // namespace attnlab

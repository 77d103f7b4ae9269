// runner.cpp: each job takes trials from a queue until it is empty, so that no thread waits for the
// main thread between two trials.
#include "run/runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "run/attempt.hpp"
#include "run/machine.hpp"
#include "train/in_hand.hpp"
#include "train/train.hpp"

namespace attnlab {

struct Runner::Inside {
  const Plan& plan;
  const Plugins& plugins;
  const std::map<TrialId, PastCrashes>& crashes;
  Width width;
  int rank;
  Workshop workshop;
  const TrialSlots& slots;
  Isolation* isolation;
  std::string host = this_host();
  TaskCache cache{};
  std::atomic<bool> stop{false};

  std::mutex mutex{};
  std::condition_variable changed{};
  std::deque<Index> waiting{};
  std::deque<Ended> done{};
  int n_jobs = 0;
  Index n_inside = 0;
  std::vector<bool> taken = std::vector<bool>(TrialSlots::n);  // slots

  // Last member: its threads end before anything they use does.
  Workers workers{width.trials_at_once * width.threads_each};

  int take_slot() {
    const auto free = std::ranges::find(taken, false);
    *free = true;  // no more jobs than slots
    return static_cast<int>(free - taken.begin());
  }

  PastCrashes past_of(TrialId trial) const {
    const auto found = crashes.find(trial);
    return found == crashes.end() ? PastCrashes{} : found->second;
  }

  // One that was training when a process died is tried in a child, if there can be one: nobody else
  // pays if it was its fault.
  bool trains_elsewhere(const Settings& settings, const PastCrashes& past) const {
    return isolation != nullptr && (isolation->isolates(settings) || isolation->suspects(past));
  }

  Attempt attempt_in(TrialSlot& slot, int slot_number, Index number, const Settings& settings) {
    const Trial& trial = plan.trial(number);
    const PastCrashes past = past_of(trial.id);
    Attempt out;
    if (past.certain >= most_crashes) {
      out.status = TrialStatus::crashed;
      out.error = crash_sentence(past.how, past.step, past.certain);
    } else {
      out = train_in(slot, slot_number, trial, settings, past);
    }
    const int before = std::min(past.certain, most_crashes - 1);  // its last crash is this attempt
    out.attempts = std::max<std::int64_t>(out.attempts, before + 1);
    return out;
  }

  Attempt train_in(TrialSlot& slot, int slot_number, const Trial& trial, const Settings& settings,
                   const PastCrashes& past) {
    const bool elsewhere = trains_elsewhere(settings, past);
    slot.elsewhere = elsewhere;
    slot.step = -1;
    slot.stop = false;
    slot.trial = trial.id.hash;
    if (stop) slot.stop = true;
    Attempt out;
    if (elsewhere) {
      out = isolation->train(trial, settings, slot_number, past.certain);
    } else {
      const InHand hand(&slot);
      out = attempt(workshop, plugins, trial, settings, cache, slot);
    }
    slot.trial = 0;
    return out;
  }

  Ended train_one(Index number, int slot) {
    Ended ended;
    ended.number = number;
    FinishedTrial& trial = ended.trial;
    trial.id = plan.trial(number).id;
    trial.settings = plan.settings(number);
    trial.provenance.rank = rank;
    trial.provenance.threads = width.threads_each;
    trial.provenance.host = host;
    trial.provenance.started = utc_text();
    const double began = steady_seconds();
    Attempt attempt = attempt_in(slots[slot], slot, number, trial.settings);
    ended.stopped = attempt.stopped;
    trial.provenance.attempts = attempt.attempts;
    trial.status = attempt.status;
    trial.error = std::move(attempt.error);
    trial.records = std::move(attempt.records);
    trial.provenance.wall_seconds = steady_seconds() - began;
    return ended;
  }

  void job(int slot) {
    for (;;) {
      Index number = 0;
      {
        const std::scoped_lock lock(mutex);
        if (waiting.empty() || stop) {
          taken[static_cast<std::size_t>(slot)] = false;
          --n_jobs;
          return;
        }
        number = waiting.front();
        waiting.pop_front();
      }
      Ended ended = train_one(number, slot);
      const std::scoped_lock lock(mutex);
      done.push_back(std::move(ended));
      changed.notify_one();
    }
  }
};

Runner::Runner(const Prepared& prepared, int rank, double limit, const TrialSlots& slots,
               Isolation* isolation)
    : inside_(new Inside{prepared.plan, prepared.plugins, prepared.crashes, prepared.width, rank,
                         Workshop{prepared.plan.grid().folder, prepared.directory,
                                  prepared.width.threads_each, limit},
                         slots, isolation}) {}

Runner::~Runner() { stop(); }

void Runner::start(Index number) {
  bool another = false;
  int slot = 0;
  {
    const std::scoped_lock lock(inside_->mutex);
    inside_->waiting.push_back(number);
    ++inside_->n_inside;
    another = inside_->n_jobs < inside_->width.trials_at_once;
    if (another) {
      ++inside_->n_jobs;
      slot = inside_->take_slot();
    }
  }
  if (another) inside_->workers.start([inside = inside_.get(), slot] { inside->job(slot); });
}

std::optional<Ended> Runner::ended() {
  const std::scoped_lock lock(inside_->mutex);
  if (inside_->done.empty()) return std::nullopt;
  Ended ended = std::move(inside_->done.front());
  inside_->done.pop_front();
  --inside_->n_inside;
  return ended;
}

void Runner::rest(std::chrono::microseconds longest) {
  std::unique_lock lock(inside_->mutex);
  inside_->changed.wait_for(lock, longest, [&] { return !inside_->done.empty(); });
}

void Runner::stop() {
  inside_->stop = true;
  const std::scoped_lock lock(inside_->mutex);
  inside_->n_inside -= static_cast<Index>(inside_->waiting.size());
  inside_->waiting.clear();
  for (int i = 0; i < TrialSlots::n; ++i) {
    if (inside_->taken[static_cast<std::size_t>(i)]) inside_->slots[i].stop = true;
  }
}

Index Runner::n_inside() const {
  const std::scoped_lock lock(inside_->mutex);
  return inside_->n_inside;
}

}  // namespace attnlab

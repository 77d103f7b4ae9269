// runner.cpp: each job takes trials from a queue until it is empty, so that no thread waits for the
// main thread between two trials.
#include "run/runner.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "observe/recorder.hpp"
#include "run/half_way.hpp"
#include "run/machine.hpp"
#include "train/train.hpp"

namespace attnlab {

struct Runner::Inside {
  const Plan& plan;
  const Plugins& plugins;
  Width width;
  int rank;
  std::filesystem::path directory;
  std::string host = this_host();
  TaskCache cache{};
  std::atomic<bool> stop{false};

  std::mutex mutex{};
  std::condition_variable changed{};
  std::deque<Index> waiting{};
  std::deque<Ended> done{};
  int n_jobs = 0;
  Index n_inside = 0;

  // Last member: its threads end before anything they use does.
  Workers workers{width.trials_at_once * width.threads_each};

  Ended train_one(Index number) {
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
    Recorder recorder;
    CheckpointOfTrial place(directory, plan.trial(number),
                            build_of(trial.settings, plugins.catalogue()));
    const Ending ending = train(trial.settings, plugins, plan.grid().folder, width.threads_each,
                                stop, recorder, &cache, &place);
    trial.provenance.attempts = place.attempts();
    ended.stopped = ending.stopped;
    trial.status = ending.status;
    trial.error = ending.error;
    if (!ended.stopped) trial.records = recorder.take(ending);
    trial.provenance.wall_seconds = steady_seconds() - began;
    return ended;
  }

  void job() {
    for (;;) {
      Index number = 0;
      {
        const std::scoped_lock lock(mutex);
        if (waiting.empty() || stop) {
          --n_jobs;
          return;
        }
        number = waiting.front();
        waiting.pop_front();
      }
      Ended ended = train_one(number);
      const std::scoped_lock lock(mutex);
      done.push_back(std::move(ended));
      changed.notify_one();
    }
  }
};

Runner::Runner(const Plan& plan, const Plugins& plugins, Width width, int rank,
               std::filesystem::path directory)
    : inside_(new Inside{plan, plugins, width, rank, std::move(directory)}) {}

Runner::~Runner() { stop(); }

void Runner::start(Index number) {
  bool another = false;
  {
    const std::scoped_lock lock(inside_->mutex);
    inside_->waiting.push_back(number);
    ++inside_->n_inside;
    another = inside_->n_jobs < inside_->width.trials_at_once;
    if (another) ++inside_->n_jobs;
  }
  if (another) inside_->workers.start([inside = inside_.get()] { inside->job(); });
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
}

Index Runner::n_inside() const {
  const std::scoped_lock lock(inside_->mutex);
  return inside_->n_inside;
}

}  // namespace attnlab

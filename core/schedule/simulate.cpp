// simulate.cpp: discrete events, in order of time, then of their making.
#include "schedule/simulate.hpp"

#include <algorithm>
#include <queue>

#include "schedule/coordinator.hpp"
#include "schedule/worker.hpp"

namespace attnlab {
namespace {

struct Event {
  double at = 0;
  std::int64_t order = 0;
  int rank = 0;
  double trained = -1;  // a trial of that many seconds ended; negative: mail came
  Message mail{};
  bool upwards = false;  // the mail is for the coordinator
  bool operator>(const Event& other) const {
    return at != other.at ? at > other.at : order > other.order;
  }
};

struct Station {  // one rank
  Worker worker;
  int n_inside = 0;
  Index n_ended = 0;
  double trained = 0;
};

class Simulation {
 public:
  Simulation(const WorkList& work, std::span<const double> seconds, int n_ranks, Width width,
             double latency)
      : seconds_(seconds), width_(width), latency_(latency), coordinator_(work, n_ranks) {
    for (int rank = 0; rank < n_ranks; ++rank) {
      stations_.push_back({.worker = Worker(work, rank, n_ranks)});
    }
    run_.rank_finished.assign(stations_.size(), 0.0);
  }

  SimulatedRun play() {
    for (int rank = 0; rank < static_cast<int>(stations_.size()); ++rank) start(rank, 0);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      if (event.trained >= 0) {
        end_trial(event);
      } else if (event.upwards) {
        for (const Letter& letter : coordinator_.on(event.mail)) {
          post(event.at, letter, 0, letter.to, false);
        }
        continue;
      } else {
        station(event.rank).worker.on(event.mail);
      }
      start(event.rank, event.at);
    }
    return run_;
  }

 private:
  Station& station(int rank) { return stations_[static_cast<std::size_t>(rank)]; }

  void post(double now, const Letter& letter, int from, int rank, bool upwards) {
    events_.push({now + latency_ / 2, ++n_events_, rank, -1,
                  Message{from, static_cast<int>(letter.word), letter.words}, upwards});
  }

  void end_trial(const Event& event) {
    Station& here = station(event.rank);
    --here.n_inside;
    ++here.n_ended;
    here.trained += event.trained;
    run_.busy += event.trained;
    run_.makespan = event.at;
    run_.rank_finished[static_cast<std::size_t>(event.rank)] = event.at;
  }

  // As the main loop of a rank does it: fill the slots, then ask if the store runs low.
  void start(int rank, double now) {
    Station& here = station(rank);
    while (here.n_inside < width_.trials_at_once) {
      const auto trial = here.worker.next();
      if (!trial) break;
      const double length = seconds_[static_cast<std::size_t>(*trial)];
      ++here.n_inside;
      events_.push({now + length, ++n_events_, rank, length, {}, false});
    }
    const double mean = here.n_ended > 0 ? here.trained / static_cast<double>(here.n_ended) : 0;
    const Index spare = reserve(mean, width_.trials_at_once);
    const bool idle = here.n_inside < width_.trials_at_once;
    const auto letter = here.worker.ask(idle ? std::max<Index>(spare, 0) : spare);
    if (letter) post(now, *letter, rank, 0, true);
  }

  std::span<const double> seconds_;
  Width width_;
  double latency_;
  Coordinator coordinator_;
  std::vector<Station> stations_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t n_events_ = 0;
  SimulatedRun run_;
};

}  // namespace

double SimulatedRun::efficiency() const { return makespan > 0 ? lower_bound / makespan : 1; }

SimulatedRun simulate(const WorkList& work, std::span<const double> seconds, int n_ranks,
                      Width width, double latency) {
  SimulatedRun run = Simulation(work, seconds, n_ranks, width, latency).play();
  double total = 0;
  double longest = 0;
  for (Index p = 0; p < work.size(); ++p) {
    const double one = seconds[static_cast<std::size_t>(work.trial(p))];
    total += one;
    longest = std::max(longest, one);
  }
  const double n_slots = static_cast<double>(n_ranks) * width.trials_at_once;
  run.lower_bound = std::max(longest, total / n_slots);
  return run;
}

}  // namespace attnlab

// simulate.cpp: discrete events, in order of time, then of their making.
#include "schedule/simulate.hpp"

#include <algorithm>
#include <optional>
#include <queue>

#include "schedule/coordinator.hpp"
#include "schedule/leader.hpp"
#include "schedule/worker.hpp"

namespace attnlab {
namespace {

struct Event {
  double at = 0;
  std::int64_t order = 0;
  int rank = 0;
  double trained = -1;  // a trial of that many seconds ended; negative: mail came
  Message mail{};
  bool operator>(const Event& other) const {
    return at != other.at ? at > other.at : order > other.order;
  }
};

struct Station {  // one rank
  explicit Station(Worker of_rank) : worker(std::move(of_rank)) {}
  Worker worker;
  std::optional<Leader> leader;
  double leader_free = 0;  // when it has answered all that it heard
  int n_inside = 0;
  Index n_ended = 0;
  double trained = 0;
};

class Simulation {
 public:
  Simulation(const WorkList& work, std::span<const double> seconds, int n_ranks, Width width,
             MessageTimes times, const Nodes& nodes)
      : seconds_(seconds), width_(width), times_(times), coordinator_(work, n_ranks, nodes) {
    stations_.reserve(static_cast<std::size_t>(n_ranks));
    for (int rank = 0; rank < n_ranks; ++rank) {
      Station& here = stations_.emplace_back(Worker(work, rank, n_ranks, nodes));
      if (nodes.leads(rank)) here.leader.emplace(work, rank, nodes);
    }
    run_.rank_finished.assign(stations_.size(), 0.0);
  }

  SimulatedRun play() {
    for (int rank = 0; rank < static_cast<int>(stations_.size()); ++rank) start(rank, 0);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      Station& here = station(event.rank);
      if (event.trained >= 0) {
        end_trial(event);
      } else if (role_of(event.mail) == Role::coordinator) {
        answer(coordinator_.on(event.mail), event, coordinator_free_);
        continue;
      } else if (role_of(event.mail) == Role::leader) {
        answer(here.leader->on(event.mail), event, here.leader_free);
        continue;
      } else {
        here.worker.on(event.mail);
      }
      start(event.rank, event.at);
    }
    return run_;
  }

 private:
  Station& station(int rank) { return stations_[static_cast<std::size_t>(rank)]; }

  void post(double now, const Letter& letter, int from) {
    events_.push({now + times_.latency / 2, ++n_events_, letter.to.rank, -1,
                  Message{from, tag_of(letter.to.role, letter.word), letter.words}});
  }

  // Questions are answered one after another, in the order they came.
  void answer(const std::vector<Letter>& letters, const Event& event, double& free) {
    free = std::max(free, event.at) + times_.service;
    for (const Letter& letter : letters) post(free, letter, event.rank);
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
      events_.push({now + length, ++n_events_, rank, length, {}});
    }
    const double mean = here.n_ended > 0 ? here.trained / static_cast<double>(here.n_ended) : 0;
    const Index spare = reserve(mean, width_.trials_at_once);
    const bool idle = here.n_inside < width_.trials_at_once;
    const auto letter = here.worker.ask(idle ? std::max<Index>(spare, 0) : spare);
    if (letter) post(now, *letter, rank);
  }

  std::span<const double> seconds_;
  Width width_;
  MessageTimes times_;
  Coordinator coordinator_;
  double coordinator_free_ = 0;
  std::vector<Station> stations_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t n_events_ = 0;
  SimulatedRun run_;
};

}  // namespace

double SimulatedRun::efficiency() const { return makespan > 0 ? lower_bound / makespan : 1; }

SimulatedRun simulate(const WorkList& work, std::span<const double> seconds, int n_ranks,
                      Width width, MessageTimes times, const Nodes& nodes) {
  SimulatedRun run = Simulation(work, seconds, n_ranks, width, times, nodes).play();
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

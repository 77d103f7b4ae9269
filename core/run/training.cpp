// training.cpp: the main thread's loop: read the mail, collect what ended, start what waits, make
// safe what is due.
#include "run/training.hpp"

#include <algorithm>
#include <chrono>

#include "run/last_words.hpp"
#include "run/machine.hpp"
#include "run/progress.hpp"
#include "run/runner.hpp"
#include "run/speak.hpp"
#include "run/stop.hpp"
#include "schedule/coordinator.hpp"
#include "schedule/leader.hpp"
#include "schedule/worker.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

class Training {
 public:
  Training(Comm& comm, const Prepared& prepared, const Options& options, Early& early,
           double process_began)
      : comm_(comm),
        coordinator_(prepared.work, comm.size(), prepared.nodes),
        worker_(prepared.work, comm.rank(), comm.size(), prepared.nodes),
        width_(prepared.width),
        patience_(patience(process_began, options.time_limit)),
        isolation_(early.isolation.get()),
        runner_(std::make_unique<Runner>(prepared, comm.rank(), options.trial_limit, *early.slots,
                                         early.isolation.get())),
        progress_(comm.rank() == 0 ? options.progress : ProgressStyle::none, prepared.n_finished,
                  prepared.n_finished + prepared.work.size()) {
    if (prepared.nodes.leads(comm.rank()))
      leader_.emplace(prepared.work, comm.rank(), prepared.nodes);
    leave_last_words(prepared.marks, *early.slots);
    auto writer = SegmentWriter::create(prepared.directory, comm.rank(), options.commit_seconds);
    if (writer) {
      writer_ = std::move(*writer);
    } else {
      give_up(writer.errors());
    }
  }

  Trained play() {
    while (!(worker_.exhausted() && runner_->n_inside() == 0) && !out_of_patience()) {
      const bool heard = hear();
      const bool collected = collect();
      watch_for_stop();
      watch_for_loss();
      const bool started = start();
      if (writer_) keep(writer_->commit_if_due(steady_seconds()));
      tell();
      rest(heard || collected || started);
    }
    return go_home();
  }

 private:
  bool hear() {
    bool heard = false;
    while (const auto message = comm_.poll()) {
      heard = true;
      switch (role_of(*message)) {
        case Role::coordinator: send_all(coordinator_.on(*message)); break;
        case Role::leader: send_all(leader_->on(*message)); break;
        case Role::worker:
          worker_.on(*message);
          if (word_of(*message) == Word::halt)
            begin_stop(static_cast<int>(worker_.stop_reason().value_or(0)));
      }
    }
    return heard;
  }

  bool collect() {
    bool any = false;
    while (auto ended = runner_->ended()) {
      any = true;
      if (ended->stopped) continue;
      seconds_ += ended->trial.provenance.wall_seconds;
      ++tally_.counts[static_cast<std::size_t>(ended->trial.status)];
      const bool crashed = ended->trial.status == TrialStatus::crashed;
      if (writer_) keep(writer_->add(std::move(ended->trial)));
      if (crashed && writer_) keep(writer_->commit());  // the next one may end this process
    }
    return any;
  }

  // Twice as many as train at once, while trials are short: no thread waits for this loop.
  bool start() {
    const Index n_ended = static_cast<Index>(tally_.total());
    const double mean = n_ended > 0 ? seconds_ / static_cast<double>(n_ended) : 0;
    const Index spare = reserve(mean, width_.trials_at_once);
    const Index room = width_.trials_at_once + (n_ended > 0 ? std::max<Index>(spare, 0) : 0);
    bool started = false;
    while (runner_->n_inside() < room) {
      const auto trial = worker_.next();
      if (!trial) break;
      runner_->start(*trial);
      started = true;
    }
    const bool idle = runner_->n_inside() < width_.trials_at_once;
    if (const auto letter = worker_.ask(idle ? std::max<Index>(spare, 0) : spare))
      send(comm_, *letter);
    return started;
  }

  void watch_for_stop() {
    if (stop_began_ > 0) return;
    const int signal = signal_heard();
    const bool late = steady_seconds() >= patience_.stop_at;
    if (signal == 0 && !late) return;
    stop_everyone(exit_stopped);
  }

  // Without children the trials that need them would wait for ever; the next start has new ones.
  void watch_for_loss() {
    if (isolation_ == nullptr || code_ == exit_machine) return;
    if (const Errors lost = isolation_->lost(); !lost.empty()) {
      if (writer_) keep(writer_->commit());
      give_up(lost);
    }
  }

  void stop_everyone(int code) {
    if (comm_.rank() == 0) {
      send_all(coordinator_.stop(code));
    } else if (stop_began_ == 0) {
      send(comm_, worker_.letter(Word::stop, {code}));
    }
    worker_.stop(code);
    begin_stop(code);
  }

  void begin_stop(int code) {
    code_ = std::max(code_, code, [](int a, int b) { return severity(a) < severity(b); });
    if (stop_began_ > 0) return;
    stop_began_ = steady_seconds();
    runner_->stop();
    if (writer_)
      keep(writer_->commit());  // what is finished is safe before anyone waits for anything
  }

  bool out_of_patience() const {
    if (stop_began_ == 0) return false;
    const int signal = signal_heard();
    const double patience = signal != 0 ? seconds_to_stop(signal) : patience_.after_deadline;
    return steady_seconds() - stop_began_ > patience;
  }

  void keep(const Result<Done>& result) {
    if (!result) give_up(result.errors());
  }

  void give_up(const Errors& errors) {
    complain(errors);
    writer_.reset();  // finished trials stay as they are; the others are trained by the next run
    code_ = exit_machine;
    stop_everyone(exit_machine);
  }

  void tell() {
    const double now = steady_seconds();
    if (comm_.rank() == 0) progress_.show(sum(), now);
    if (now - told_ < seconds_between_tallies(comm_.size())) return;
    told_ = now;
    // Rank 0 knows its own trials.
    if (comm_.rank() != 0) send(comm_, worker_.letter(Word::tally, tally_.words()));
    tell_of_node();
  }

  void tell_of_node() {
    if (!leader_) return;
    if (const auto letter = leader_->tell()) send(comm_, *letter);
  }

  Tally sum() const {
    Tally all = coordinator_.tally();
    if (!said_goodbye_) {
      for (std::size_t i = 0; i < all.counts.size(); ++i) all.counts[i] += tally_.counts[i];
    }
    return all;
  }

  // Trials wake the loop when they end; mail is looked for every 50 us at first, then every
  // millisecond.
  void rest(bool moved) {
    using std::chrono::microseconds;
    pause_ = moved ? microseconds(50) : std::min(pause_ * 2, microseconds(1000));
    runner_->rest(pause_);
  }

  Trained go_home() {
    collect();
    const bool abandoned = runner_->n_inside() > 0;
    if (writer_) keep(writer_->commit());
    writer_.reset();
    send(comm_, worker_.letter(Word::goodbye, tally_.words()));
    while (!worker_.released()) {
      const bool heard = hear();
      said_goodbye_ = true;  // rank 0 has heard its own by now: the coordinator counts it
      if (comm_.rank() == 0) progress_.show(sum(), steady_seconds());
      if (!worker_.released()) watch_for_stop();
      if (leader_ && steady_seconds() - told_ >= seconds_between_tallies(comm_.size())) {
        told_ = steady_seconds();
        tell_of_node();
      }
      rest(heard);
    }
    if (comm_.rank() == 0) progress_.close(sum(), steady_seconds());
    if (abandoned) static_cast<void>(runner_.release());  // its threads still use it
    return {comm_.rank() == 0 ? coordinator_.tally() : tally_, code_, abandoned};
  }

  void send_all(const std::vector<Letter>& letters) {
    for (const Letter& letter : letters) send(comm_, letter);
  }

  Comm& comm_;
  Coordinator coordinator_;       // speaks on rank 0 only
  std::optional<Leader> leader_;  // of this rank's node, if this rank leads it
  Worker worker_;
  Width width_;
  Patience patience_;
  const Isolation* isolation_;  // null: no trial is isolated
  std::unique_ptr<Runner> runner_;
  std::optional<SegmentWriter> writer_;
  Progress progress_;
  Tally tally_;         // of this rank
  double seconds_ = 0;  // of training, summed over this rank's trials
  double told_ = 0;
  double stop_began_ = 0;
  bool said_goodbye_ = false;
  int code_ = 0;
  std::chrono::microseconds pause_{50};
};

}  // namespace

Trained train_all(Comm& comm, const Prepared& prepared, const Options& options, Early& early,
                  double process_began) {
  return Training(comm, prepared, options, early, process_began).play();
}

}  // namespace attnlab

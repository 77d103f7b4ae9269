// predict.cpp: seconds a step = a + b flops, through two measured points; then a simulated run.
#include "run/predict.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "base/duration.hpp"
#include "base/number_text.hpp"
#include "run/machine.hpp"
#include "train/train.hpp"

namespace attnlab {
namespace {

constexpr double look = 0.25;     // seconds of training for each of the two trials
constexpr MessageTimes messages{.latency = 1e-3, .service = 5e-6};  // see tests/bench/README.md

// Keeps nothing; watches the clock from the first step on.
class Stopwatch : public Observer {
 public:
  explicit Stopwatch(std::atomic<bool>& stop) : stop_(stop) {}
  void begin(const TrialView&) override { began_ = steady_seconds(); }
  bool wants(std::int64_t) const override {
    if (steady_seconds() - began_ > look) stop_ = true;
    return false;
  }
  void at(StepView&) override {}
  double began() const { return began_; }

 private:
  std::atomic<bool>& stop_;
  double began_ = steady_seconds();
};

struct Pace {
  double flops = 0;     // of one step
  double seconds = 0;   // of one step
  double start_up = 0;  // seconds before the first
};

Result<Pace> measure(const Plan& plan, const Plugins& plugins, Index number, double flops) {
  std::atomic<bool> stop{false};
  Stopwatch watch(stop);
  const double called = steady_seconds();
  const Ending ending = train(plan.settings(number), plugins, plan.grid().folder, 1, stop, watch);
  const double trained = steady_seconds() - watch.began();
  if (ending.status == TrialStatus::failed) {
    return Error{"trial " + std::to_string(number),
                 "cannot be trained to measure this machine: " + ending.error, ""};
  }
  return Pace{flops, trained / static_cast<double>(std::max<std::int64_t>(ending.steps, 1)),
              watch.began() - called};
}

// Seconds of a step, from the paces of the cheapest and the costliest.
double step_seconds(const Pace& low, const Pace& high, double flops) {
  if (high.flops <= low.flops) return low.seconds;
  const double share = (flops - low.flops) / (high.flops - low.flops);
  return std::max(low.seconds + share * (high.seconds - low.seconds), 1e-9);
}

}  // namespace

Result<Prediction> predict(const Plan& plan, const Plugins& plugins,
                           std::span<const Examined> examined, int ranks, int threads) {
  Prediction out{.ranks = ranks, .threads = threads, .width = {}, .run = {}};
  if (examined.empty()) return out;
  fix_arithmetic();
  const auto [cheapest, costliest] =
      std::ranges::minmax_element(examined, {}, &Examined::flops_per_step);
  const auto pace = [&](auto at) {
    return measure(plan, plugins, at - examined.begin(), at->flops_per_step);
  };
  const auto low = pace(cheapest);
  if (!low) return low.errors();
  const bool one_kind = costliest->flops_per_step <= cheapest->flops_per_step;
  const auto high = one_kind ? low : pace(costliest);
  if (!high) return high.errors();

  const std::vector<TrialCost> costs = costs_of(examined);
  out.width = choose_width(costs, threads, ranks, 0.8 * memory_bytes(), 0);
  std::vector<double> seconds, flops;
  double alone = 0;
  for (const Examined& trial : examined) {
    const double n_steps = trial.estimate.flops / std::max(trial.flops_per_step, 1.0);
    const double training = n_steps * step_seconds(*low, *high, trial.flops_per_step);
    seconds.push_back(low->start_up + training / out.width.threads_each);
    flops.push_back(trial.estimate.flops);
    alone += training;
  }
  std::vector<Index> trials(examined.size());
  std::iota(trials.begin(), trials.end(), Index{0});
  out.run = simulate(WorkList(trials, flops), seconds, ranks, out.width, messages);
  out.flops_per_second = std::accumulate(flops.begin(), flops.end(), 0.0) / std::max(alone, 1e-9);
  return out;
}

std::string to_text(const Prediction& p) {
  char efficiency[32];
  std::snprintf(efficiency, sizeof efficiency, "%.1f %%", 100 * p.run.efficiency());
  const auto many = [](int n, const char* what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  return "predicted for " + many(p.ranks, "rank") + " x " + many(p.threads, "thread") + " (" +
         many(p.width.trials_at_once, "trial") + " at once on each): makespan " +
         duration_text(p.run.makespan) + ", efficiency " + efficiency + ", lower bound " +
         duration_text(p.run.lower_bound) + "\nmeasured here: " + count_text(p.flops_per_second) +
         " flops a second on one thread, over the trials of this grid\n";
}

Settings to_json(const Prediction& p) {
  return {{"ranks", p.ranks},
          {"threads", p.threads},
          {"trials_at_once", p.width.trials_at_once},
          {"makespan_seconds", p.run.makespan},
          {"efficiency", p.run.efficiency()},
          {"lower_bound_seconds", p.run.lower_bound},
          {"flops_per_second", p.flops_per_second}};
}

}  // namespace attnlab

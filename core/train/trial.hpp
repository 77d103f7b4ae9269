// trial.hpp: one trial in one precision: parameters, the step loop, and what its observer may see.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "train/aligned.hpp"
#include "train/batches.hpp"
#include "train/evaluate.hpp"
#include "train/parts.hpp"

namespace attnlab {

template <class S>
class RunningTrial {
 public:
  static Result<std::unique_ptr<RunningTrial>> make(const Settings& settings, Parts& parts,
                                                    int n_threads, const std::atomic<bool>& stop);
  // Steps until the end, a divergence, a failure or `stop`. Begins where `place` says.
  Ending run(Observer& observer, CheckpointPlace* place);

 private:
  class View;
  RunningTrial(const Settings& settings, Parts& parts, Batches<S> batches, int n_threads,
               const std::atomic<bool>& stop);
  Result<Done> prepare();
  Result<Evaluation> evaluate(const S* parameters, std::span<S> gradient, Wanted wanted);
  Result<Done> record(Observer& observer, const Evaluation& at_batch);
  Result<Done> update(const Evaluation& at_batch);
  void resume(Observer& observer, const TrialView& trial, CheckpointPlace& place);
  void keep(const Observer& observer, CheckpointPlace& place);
  void remember();             // the state before an update that `stop` may cut short
  bool go_back();              // to it; false if it was not remembered
  Result<Done> scale_rates();  // by the Jacobian at the start, if the settings ask for it
  void take_norms();
  void take_groups(const Samples<S>& samples);
  std::span<S> trained() {
    return {parameters_.data(), static_cast<std::size_t>(parts_.layout.n_trained)};
  }
  static attnlab_status evaluate_for_optimizer(void* self, const S* parameters, double* loss,
                                               S* gradient) noexcept;

  const Settings& settings_;
  Parts& parts_;
  const TaskShape& task_;
  const std::atomic<bool>& stop_;
  Batches<S> batches_;
  Model<S> model_;
  Evaluator<S> evaluator_;
  std::shared_ptr<const Samples<S>> validation_;  // null: no such split
  std::int64_t n_steps_;
  bool full_loss_;

  std::int64_t step_ = 0;
  double time_;
  AlignedVector<S> parameters_,
      asked_;  // asked_: where an optimizer wants to know the loss; with the fixed matrices behind
  AlignedVector<S> gradient_;
  AlignedVector<char> state_;
  std::vector<double> rates_, norms_, group_loss_;
  std::vector<double> recorded_entropy_, sample_loss_;
  Evaluation recorded_;
  Errors inner_;           // why an evaluation inside the optimizer failed
  double inner_loss_ = 0;  // the last loss that the optimizer was told

  struct Before {
    std::int64_t step = -1;
    double time = 0;
    AlignedVector<S> parameters;
    AlignedVector<char> state;
  } before_;
  bool asks_ = true;        // did the optimizer ask for a loss in the last update?
  bool cut_short_ = false;  // it was told to give up, because of `stop`
};

}  // namespace attnlab

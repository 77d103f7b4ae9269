// trial.cpp: the step loop.
#include "train/trial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/sizes.hpp"
#include "train/jacobian.hpp"
#include "train/view.hpp"

namespace attnlab {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string sentences(const Errors& errors) {
  std::string text;
  for (const Error& error : errors) text += (text.empty() ? "" : ". ") + sentence(error);
  return text;
}

std::string diverged_at(std::int64_t step, double loss) {
  return "the loss is " +
         std::string(std::isnan(loss) ? "NaN"
                     : loss > 0       ? "infinite"
                                      : "minus infinity") +
         " after " + std::to_string(step) + (step == 1 ? " update" : " updates") +
         "; a smaller learning rate or clipping may help";
}

}  // namespace

template <class S>
RunningTrial<S>::RunningTrial(const Settings& settings, Parts& parts, Batches<S> batches,
                              int n_threads, const std::atomic<bool>& stop)
    : settings_(settings),
      parts_(parts),
      task_(parts.source->task().shape()),
      stop_(stop),
      batches_(std::move(batches)),
      model_(parts.shape, parts.layout, parts.kernel, task_,
             settings.at("seed").get<std::uint64_t>()),
      evaluator_(model_, parts.shape, task_, parts.layout, n_threads, stop),
      n_steps_(settings.at("training").at("steps").get<std::int64_t>()),
      full_loss_(settings.at("record").at("metrics").value("full_loss", false) &&
                 batches_.all().n > 0),
      time_(parts.optimizer && parts.optimizer->has_time() ? 0.0 : nan) {}

template <class S>
Result<std::unique_ptr<RunningTrial<S>>> RunningTrial<S>::make(const Settings& settings,
                                                               Parts& parts, int n_threads,
                                                               const std::atomic<bool>& stop) {
  auto batches = Batches<S>::make(settings, *parts.source);
  if (!batches) return batches.errors();
  std::unique_ptr<RunningTrial> trial(
      new RunningTrial(settings, parts, *std::move(batches), n_threads, stop));
  if (auto prepared = trial->prepare(); !prepared) return prepared.errors();
  return trial;
}

template <class S>
Result<Done> RunningTrial<S>::prepare() {
  if (task_.n_validation > 0) {
    auto split = parts_.source->template split<S>(ATTNLAB_SPLIT_VALIDATION);
    if (!split) return split.errors();
    validation_ = *split;
  }
  const Index n_train = batches_.all().n,
              longest = n_train > 0 ? batches_.all().longest : task_.max_tokens;
  evaluator_.expect(1, longest);
  evaluator_.expect(batches_.largest(), longest);
  if (n_train % batches_.largest() > 0)
    evaluator_.expect(n_train % batches_.largest(), longest);  // the last of an epoch
  if (full_loss_) evaluator_.expect(n_train, longest);
  if (validation_) evaluator_.expect(validation_->n, validation_->longest);
  evaluator_.make_room();

  const ParameterLayout& layout = parts_.layout;
  parameters_.resize(static_cast<std::size_t>(layout.n));
  gradient_.resize(static_cast<std::size_t>(layout.n_trained));
  if (auto made = initialise<S>(parts_.shape, layout, settings_, parameters_); !made) return made;
  asked_ = parameters_;
  rates_.resize(parts_.rates.size());
  norms_.resize(parts_.rates.size());
  group_loss_.resize(task_.groups.size());
  if (auto scaled = scale_rates(); !scaled) return scaled;
  if (parts_.optimizer) {
    state_.assign(static_cast<std::size_t>(state_bytes_of(*parts_.optimizer, sizeof(S))), 0);
  }
  return Done{};
}

template <class S>
Result<Done> RunningTrial<S>::scale_rates() {
  if (!wants_jacobian(settings_.at("optimizer")) || rates_.empty()) return Done{};
  const auto made = jacobian(model_, batches_.all(), task_, parts_.layout.n_trained,
                             parameters_.data(), evaluator_.workspace());
  if (!made) return made.errors();
  const Eigen::VectorXd spectrum = tangent_spectrum(*made);
  for (double& rate : parts_.rates) rate /= spectrum[spectrum.size() - 1];
  return Done{};
}

template <class S>
Result<Evaluation> RunningTrial<S>::evaluate(const S* parameters, std::span<S> gradient,
                                             Wanted wanted) {
  const auto samples = batches_.at(step_);
  if (!samples) return samples.errors();
  wanted.training = true;
  wanted.step = step_;
  return evaluator_(**samples, parameters, gradient, wanted);
}

template <class S>
void RunningTrial<S>::take_norms() {
  for (std::size_t b = 0; b < norms_.size(); ++b) {
    const attnlab_block& block = parts_.blocks[b];
    norms_[b] = std::sqrt(sum_of_squares(
        std::span<const S>(gradient_.data() + block.offset, static_cast<std::size_t>(block.size))));
  }
}

template <class S>
void RunningTrial<S>::take_groups(const Samples<S>& samples) {
  std::vector<Index> count(group_loss_.size(), 0);
  std::fill(group_loss_.begin(), group_loss_.end(), 0.0);
  for (Index i = 0; i < samples.n; ++i) {
    const std::int32_t group = samples.group[static_cast<std::size_t>(i)];
    if (group < 0) continue;
    group_loss_[static_cast<std::size_t>(group)] +=
        evaluator_.sample_loss()[static_cast<std::size_t>(i)];
    ++count[static_cast<std::size_t>(group)];
  }
  for (std::size_t g = 0; g < count.size(); ++g)
    group_loss_[g] /= static_cast<double>(count[g]);  // 0 / 0: NaN
}

template <class S>
Result<Done> RunningTrial<S>::record(Observer& observer, const Evaluation& at_batch) {
  take_norms();
  recorded_ = at_batch;
  const Samples<S>* samples = nullptr;
  if (full_loss_) {
    samples = &batches_.all();
    auto full = evaluator_(*samples, parameters_.data(), {},
                           {.training = false, .samples = true, .entropy = true, .step = step_});
    if (!full) return full.errors();
    recorded_ = *full;
  } else {
    samples = *batches_.at(step_);
  }
  if (stop_.load(std::memory_order_relaxed)) return Done{};
  take_groups(*samples);
  recorded_entropy_ = evaluator_.entropy();
  if (observer.wants_samples())
    sample_loss_.assign(evaluator_.sample_loss().begin(),
                        evaluator_.sample_loss().begin() + samples->n);
  View view(*this);
  observer.at(view);
  return view.failure().empty() ? Result<Done>(Done{}) : Result<Done>(view.failure());
}

template <class S>
attnlab_status RunningTrial<S>::evaluate_for_optimizer(void* self, const S* parameters,
                                                       double* loss, S* gradient) noexcept try {
  RunningTrial& trial = *static_cast<RunningTrial*>(self);
  trial.asks_ = true;
  const std::span<S> out{gradient, static_cast<std::size_t>(trial.parts_.layout.n_trained)};
  std::copy(parameters, parameters + trial.parts_.layout.n_trained, trial.asked_.data());
  auto evaluation = trial.evaluate(trial.asked_.data(), out, {});
  if (!evaluation) trial.inner_ = evaluation.errors();
  if (trial.stop_.load(std::memory_order_relaxed)) trial.cut_short_ = true;
  if (!evaluation || trial.cut_short_) return ATTNLAB_FAILED;
  trial.parts_.clip.apply(out);
  *loss = trial.inner_loss_ = evaluation->loss;
  return ATTNLAB_OK;
} catch (...) {
  return ATTNLAB_FAILED;
}

template <class S>
Result<Done> RunningTrial<S>::update(const Evaluation& at_batch) {
  const Optimizer& optimizer = *parts_.optimizer;
  parts_.clip.apply(std::span<S>(gradient_));
  const double factor = parts_.schedule.factor(step_, n_steps_);
  for (std::size_t b = 0; b < rates_.size(); ++b) rates_[b] = parts_.rates[b] * factor;

  attnlab_step step{};
  step.struct_size = sizeof step;
  step.step = step_;
  step.rates = rates_.data();
  step.momentum = parts_.schedule.momentum(step_, n_steps_);
  step.loss = inner_loss_ = at_batch.loss;
  step.self = this;
  step.time = &time_;
  attnlab_status status = ATTNLAB_OK;
  asks_ = false;
  if constexpr (std::is_same_v<S, float>) {
    step.evaluate_f32 = evaluate_for_optimizer;
    const KeptArithmetic kept;
    status = optimizer.table().step_f32(optimizer.self(), &step, parameters_.data(),
                                        gradient_.data(), state_.data());
  } else {
    step.evaluate_f64 = evaluate_for_optimizer;
    const KeptArithmetic kept;
    status = optimizer.table().step_f64(optimizer.self(), &step, parameters_.data(),
                                        gradient_.data(), state_.data());
  }
  if (!inner_.empty()) return inner_;
  if (status != ATTNLAB_OK) return optimizer.failure("step");
  return Done{};
}

template <class S>
Ending RunningTrial<S>::run(Observer& observer, CheckpointPlace* place) {
  const auto sample_of = [this](int split) {
    return [this, split](Index index, attnlab_sample& out) {
      return parts_.source->task().sample(split, index, out);
    };
  };
  const TrialView trial{settings_,
                        task_,
                        parts_.shape,
                        parts_.layout,
                        !std::isnan(time_),
                        sample_of(ATTNLAB_SPLIT_TRAIN),
                        sample_of(ATTNLAB_SPLIT_VALIDATION)};
  observer.begin(trial);
  Ending end;
  end.parameters = parts_.layout.n;
  const auto stopped = [&] { return end.stopped = stop_.load(std::memory_order_relaxed); };
  const auto ends = [&](TrialStatus status, std::string why) {
    end.status = status;
    end.error = std::move(why);
    return end;
  };
  if (place) resume(observer, trial, *place);
  using Clock = std::chrono::steady_clock;
  const std::chrono::duration<double> interval(
      settings_.at("record").at("checkpoint").at("every_seconds").get<double>());
  Clock::time_point kept_at = Clock::now();
  std::int64_t kept_step = step_;
  const auto keep_here = [&] {
    if (place && step_ > kept_step) keep(observer, *place);
    kept_step = step_;
    kept_at = Clock::now();
  };
  const auto leaves = [&] {
    keep_here();
    return end;
  };
  for (;; ++step_) {
    end.steps = step_;
    if (stopped()) return leaves();
    if (place && Clock::now() - kept_at >= interval) keep_here();
    const bool recorded = step_ == n_steps_ || observer.wants(step_);
    const bool extras = recorded && !full_loss_;
    const auto at_batch =
        evaluate(parameters_.data(), gradient_,
                 {.samples = extras && (!group_loss_.empty() || observer.wants_samples()),
                  .entropy = extras});
    if (stopped()) return leaves();
    if (!at_batch) return ends(TrialStatus::failed, sentences(at_batch.errors()));
    if (recorded) {
      const auto kept = record(observer, *at_batch);
      if (stopped()) return leaves();
      if (!kept) return ends(TrialStatus::failed, sentences(kept.errors()));
    }
    const double loss = recorded && std::isfinite(at_batch->loss) ? recorded_.loss : at_batch->loss;
    if (!std::isfinite(loss)) return ends(TrialStatus::diverged, diverged_at(step_, loss));
    if (step_ == n_steps_) return end;
    if (!parts_.optimizer) continue;
    if (place) remember();
    const auto updated = update(*at_batch);
    if (stopped()) {
      if (updated && !cut_short_) {
        end.steps = ++step_;
      } else if (!go_back()) {
        return end;
      }
      return leaves();
    }
    if (!updated) {
      const bool lost = !std::isfinite(inner_loss_);
      return ends(lost ? TrialStatus::diverged : TrialStatus::failed, sentences(updated.errors()));
    }
  }
}

template class RunningTrial<float>;
template class RunningTrial<double>;

}  // namespace attnlab

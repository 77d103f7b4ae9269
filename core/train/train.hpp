// train.hpp: one trial from its settings to its end. The only room with TBB.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/settings.hpp"
#include "host/plugins.hpp"
#include "model/shape.hpp"
#include "plan/plan.hpp"
#include "train/checkpoint.hpp"

namespace attnlab {

// The trial at one recorded step, as its observer may see it. Valid during the call; reading
// changes nothing.
class StepView {
 public:
  virtual ~StepView() = default;
  virtual std::int64_t step() const = 0;  // updates made so far
  virtual double time() const = 0;        // flow time; NaN if the optimizer has none
  virtual double loss() const = 0;        // contract section 4, "Steps and records"
  virtual double accuracy() const = 0;    // NaN for squared loss
  virtual std::span<const double> group_loss() const = 0;  // [group]
  virtual double validation_loss() = 0;  // computed when asked; NaN without a validation split
  virtual double validation_accuracy() = 0;
  virtual std::span<const double> grad_norm()
      const = 0;  // [trained matrix], before clipping and decay
  virtual std::vector<double>
  attention_entropy() = 0;  // [layer][head], mean over the valid queries of the samples of the loss
  // Loss of each sample of the loss, in the order of the batch [sample]; full batches: of the
  // training set. Empty unless the observer wants samples.
  virtual std::span<const double> sample_loss() const = 0;
  // Attention of training samples: float [layer][head][sample][query][key].
  virtual std::vector<float> attention(std::span<const Index> samples) = 0;
  // The same of validation samples, and the entropy over the whole validation split [layer][head];
  // both empty without one.
  virtual std::vector<float> validation_attention(std::span<const Index> samples) = 0;
  virtual std::vector<double> validation_entropy() = 0;
  // attention() in the precision of the trial, one map a (layer, head, sample), [query][key].
  virtual std::vector<double> weights(std::span<const Index> samples) = 0;
  virtual std::vector<double> parameter(const ParameterBlock& block) const = 0;
  // d(outputs)/d(trained parameters) [sample, token, output][trained], row-major; full batches and
  // squared loss.
  virtual std::vector<double> jacobian() = 0;
  // H v, H the Hessian of the loss of the batch over the trained parameters, v [trained] in the
  // order of the parameter vector; central differences (train/top_eigenvalues.hpp). Empty if it
  // failed.
  virtual std::vector<double> hessian_times(std::span<const double> v) = 0;
  // The rate of a matrix at the update that follows; 0 if it is not trained.
  virtual double learning_rate(const ParameterBlock& block) const = 0;
  // dl/d(block) on the batch of the update that follows, before clipping and weight decay, in the
  // order of `parameter`; zeros for a matrix that is not trained.
  virtual std::vector<double> gradient(const ParameterBlock& block) const = 0;
};

// What does not change during the trial.
struct TrialView {
  const Settings& settings;
  const TaskShape& task;
  const ModelShape& model;
  const ParameterLayout& layout;
  bool has_time = false;
  // The training set, and the validation split, sample by sample.
  std::function<Result<Done>(Index index, attnlab_sample&out)> sample, validation_sample;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void begin(const TrialView& trial) = 0;
  virtual bool wants(
      std::int64_t step) const = 0;  // is step recorded in any way? the last always is
  virtual void at(StepView& view) = 0;
  virtual bool wants_samples() const { return false; }  // does `at` ask for sample_loss?
  // What it keeps of the steps before `step`, for a checkpoint; and back again, between begin and
  // the first `at`. Answers false if `content` is not of this trial; begin is called again then.
  virtual std::string content(std::int64_t step) const {
    static_cast<void>(step);
    return {};
  }
  virtual bool restore(std::string_view content) { return content.empty(); }
};

struct Ending {
  TrialStatus status = TrialStatus::done;
  std::string error;       // the sentence, empty if done
  std::int64_t steps = 0;  // updates that were made
  std::int64_t parameters = 0;
  bool stopped = false;  // `stop` was raised: the trial is not finished and has no status
};

// Tasks that were read already and what was made of them, shared by the trials of one process: only
// tasks of equal settings and, unless it does not matter (ATTNLAB_TASK_SEEDLESS), seed are kept,
// the latest few. Any thread may use it; it must outlive the trials that do.
class TaskCache {
 public:
  TaskCache();
  ~TaskCache();
  struct Inside;
  Inside& inside() { return *inside_; }

 private:
  std::unique_ptr<Inside> inside_;
};

// Trains one trial on at most n_threads threads of the calling arena. Its numbers do not depend on
// n_threads, nor on the cache, nor on the places where it was interrupted and continued: its state
// goes to `place` every record.checkpoint.every_seconds and when `stop` ends it, and comes from
// there.
Ending train(const Settings& settings, const Plugins& plugins, const std::filesystem::path& folder,
             int n_threads, const std::atomic<bool>& stop, Observer& observer,
             TaskCache* cache = nullptr, CheckpointPlace* place = nullptr);

// Can this trial be trained at all? Makes its task, model shape, kernel and optimizer, reads what
// they read. For rank 0, before the run; answers the estimate, without result_bytes
// (observe/record_bytes.hpp).
Result<Estimate> examine(const Settings& settings, const Plugins& plugins,
                         const std::filesystem::path& folder, TaskCache* cache = nullptr);

// Cores of this process's affinity mask, and the arena that uses them. Jobs run in it, ended ones
// are collected by the main thread.
class Workers {
 public:
  explicit Workers(int n_threads);
  ~Workers();
  // Starts `job` in the arena; at most n_threads at once make sense. The job must not throw.
  void start(std::function<void()> job);
  int n_threads() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// Fixed sizes for Eigen's blocking, so that bits do not depend on the machine's caches. Call once
// in every process.
void fix_arithmetic();

}  // namespace attnlab

// view.hpp: a running trial at one recorded step, as its observer may see it.
#pragma once

#include "train/train.hpp"
#include "train/trial.hpp"

namespace attnlab {

template <class S>
class RunningTrial<S>::View : public StepView {
 public:
  explicit View(RunningTrial& trial) : trial_(trial) {}

  std::int64_t step() const override { return trial_.step_; }
  double time() const override { return trial_.time_; }
  double loss() const override { return trial_.recorded_.loss; }
  double accuracy() const override { return trial_.recorded_.accuracy; }
  std::span<const double> group_loss() const override { return trial_.group_loss_; }
  double validation_loss() override { return validation().loss; }
  double validation_accuracy() override { return validation().accuracy; }
  std::span<const double> grad_norm() const override { return trial_.norms_; }
  std::vector<double> attention_entropy() override { return trial_.recorded_entropy_; }
  std::vector<float> attention(std::span<const Index> samples) override {
    return maps<float>(ATTNLAB_SPLIT_TRAIN, samples);
  }
  std::vector<float> validation_attention(std::span<const Index> samples) override {
    if (!trial_.validation_) return {};
    return maps<float>(ATTNLAB_SPLIT_VALIDATION, samples);
  }
  std::vector<double> validation_entropy() override;
  std::vector<double> weights(std::span<const Index> samples) override {
    return maps<double>(ATTNLAB_SPLIT_TRAIN, samples);
  }
  std::vector<double> jacobian() override;
  std::vector<double> hessian_times(std::span<const double> v) override;
  double learning_rate(const ParameterBlock& block) const override;
  std::span<const double> sample_loss() const override { return trial_.sample_loss_; }
  std::vector<double> parameter(const ParameterBlock& block) const override;
  std::vector<double> gradient(const ParameterBlock& block) const override;

  const Errors& failure() const { return failure_; }  // what went wrong while it was asked

 private:
  const Evaluation& validation();
  template <class Out>
  std::vector<Out> maps(int split, std::span<const Index> samples);
  Result<Done> draw_samples(int split, std::span<const Index> samples, Samples<S>& into);

  RunningTrial& trial_;
  std::optional<Evaluation> validation_;
  Errors failure_;
};

}  // namespace attnlab

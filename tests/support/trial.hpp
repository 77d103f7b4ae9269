// trial.hpp: resolved settings of small trials, the plugins of this build, and an observer that
// writes down everything.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "host/plugins.hpp"
#include "train/samples.hpp"
#include "train/train.hpp"

namespace attnlab::testing {

// Paper A's model on six tokens, four a sample; `patch` (JSON merge patch) changes it.
inline Settings trial_settings(const Settings& patch = Settings::object()) {
  Settings trial = Settings::parse(R"({
    "seed": 1,
    "task": {"plugin": "cooccurrence", "dim": 12, "sequence_length": 4, "samples": 12,
             "distinct_random_tokens": false, "validation_samples": 0},
    "loss": "logistic",
    "model": {
      "embedding": "one_hot", "dim": 12, "heads": 1, "key_dim": 6, "value_dim": 6, "layers": 1, "positions": "none",
      "attention": {"kernel": {"plugin": "softmax", "temperature": null}, "queries": "all", "mask": "none"},
      "parameterization": "qkv", "output_projection": false, "bias": false, "residual": false, "norm": "none",
      "dropout": 0.0, "feed_forward": "none", "readout": "sum",
      "head": {"hidden": 8, "activation": "identity", "second_layer": "fixed_signs"},
      "init": {"default": "torch_linear"}, "train": "all"},
    "optimizer": {"plugin": "gradient_descent", "learning_rate": 0.1, "momentum": 0.0, "nesterov": false,
                  "weight_decay": 0.0,
                  "schedule": {"shape": "constant", "warm_up": 0, "start_factor": 0.0, "final_factor": 0.0,
                               "cycle_momentum": true},
                  "clip": "none"},
    "training": {"steps": 50, "batch": "full", "precision": "float64"},
    "record": {"metrics": {"every": 1, "full_loss": false}, "attention": {"steps": [0, "last"], "samples": 3},
               "parameters": {"steps": [], "matrices": "all"}, "data": false,
               "checkpoint": {"every_seconds": 300.0}}
  })");
  trial.merge_patch(patch);
  // A merge patch mixes the options of two plugins; whoever names another plugin gives all of its
  // options.
  for (const char* part : {"task", "optimizer"}) {
    if (!patch.contains(part) || !patch.at(part).contains("plugin")) continue;
    const Settings kept = trial.at(part);
    trial[part] = patch.at(part);
    for (const char* key : {"learning_rate", "schedule", "clip"}) {
      if (kept.contains(key)) trial[part][key] = kept.at(key);
    }
  }
  return trial;
}

inline const Plugins& built_plugins() {
  static const Plugins plugins = [] {
    auto found = Plugins::scan({std::string(ATTNLAB_BINARY_DIR) + "/lib/attnlab/plugins"});
    if (!found) ADD_FAILURE() << sentence(found.errors().front());
    return *std::move(found);
  }();
  return plugins;
}

// Writes down all that a trial shows.
class Diary : public Observer {
 public:
  struct Page {
    std::int64_t step;
    double time, loss, accuracy, validation_loss;
    std::vector<double> group_loss, grad_norm, entropy;
    std::vector<std::vector<double>> parameters;  // [block]
  };
  explicit Diary(std::int64_t every = 1) : every_(every) {}

  void begin(const TrialView& trial) override {
    layout = trial.layout;
    task = trial.task;
    SampleBuffer buffer(task);
    for (Index i = 0; i < task.n_train; ++i) {
      attnlab_sample& s = buffer.fresh();
      ASSERT_TRUE(trial.sample(i, s));
      const auto n = static_cast<std::size_t>(s.n_tokens);
      tokens.emplace_back(buffer.tokens.begin(),
                          buffer.tokens.begin() + (buffer.tokens.empty() ? 0 : s.n_tokens));
      inputs.emplace_back(buffer.inputs.begin(),
                          buffer.inputs.begin() + static_cast<std::ptrdiff_t>(n) *
                                                      (buffer.inputs.empty() ? 0 : task.input_dim));
      target_ids.push_back(buffer.target_ids);
      targets.push_back(buffer.targets);
      groups.push_back(s.group);
    }
  }
  bool wants(std::int64_t step) const override { return step % every_ == 0; }
  void at(StepView& view) override {
    Page page{view.step(), view.time(), view.loss(), view.accuracy(), view.validation_loss(), {},
              {},          {},          {}};
    page.group_loss.assign(view.group_loss().begin(), view.group_loss().end());
    page.grad_norm.assign(view.grad_norm().begin(), view.grad_norm().end());
    page.entropy = view.attention_entropy();
    for (const ParameterBlock& block : layout.blocks)
      page.parameters.push_back(view.parameter(block));
    pages.push_back(std::move(page));
  }
  const std::vector<double>& parameter(std::size_t page, const std::string& name) const {
    for (std::size_t b = 0; b < layout.blocks.size(); ++b) {
      if (layout.blocks[b].name == name) return pages.at(page).parameters[b];
    }
    ADD_FAILURE() << "no matrix " << name;
    return pages.front().parameters.front();
  }

  ParameterLayout layout;
  TaskShape task;
  std::vector<std::vector<std::int32_t>> tokens, target_ids;
  std::vector<std::vector<double>> inputs, targets;
  std::vector<std::int32_t> groups;
  std::vector<Page> pages;

 private:
  std::int64_t every_;
};

inline Ending run(const Settings& settings, Observer& observer, int n_threads = 1) {
  fix_arithmetic();
  const std::atomic<bool> stop{false};
  return train(settings, built_plugins(), ".", n_threads, stop, observer);
}

}  // namespace attnlab::testing

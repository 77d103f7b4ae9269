// made_trials.hpp: finished trials made by hand, whose every number says where it belongs, and the
// outline of their grid.
#pragma once

#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "store/outline.hpp"
#include "store/store.hpp"

namespace attnlab::made {

// loss of trial n at record r; trial 2 of every grid diverged and stops after its third record.
inline double loss(Index n, Index r) {
  return n == 2 && r > 2 ? std::nan("")
                         : 1.0 + 1000.0 * static_cast<double>(n) + static_cast<double>(r) / 7.0;
}
// attention weight of trial n at snapshot s, head h, sample b, query q, key k.
inline float weight(Index n, Index s, Index h, Index b, Index q, Index k) {
  return static_cast<float>(n * 100000 + s * 10000 + h * 1000 + b * 100 + q * 10 + k);
}

inline std::vector<std::int64_t> count(Index n, std::int64_t step = 1) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(i) * step;
  return out;
}

inline Records records(Index n, Index n_records = 5, Index n_keys = 4, bool attention = true) {
  Records out;
  out.axes = {{"record", count(n_records, 10), "step of the record"},
              {"matrix", std::vector<std::string>{"W_Q", "W_K \u2202"}, "matrix"},
              {"attention_step", std::vector<std::int64_t>{0, 40}, "step of the snapshot"},
              {"layer", count(1), "layer"},
              {"head", count(2), "head"},
              {"sample", count(3), "sample"},
              {"query", count(n_keys), "query"},
              {"key", count(n_keys), "key"}};
  std::vector<double> losses, norms;
  for (Index r = 0; r < n_records; ++r) {
    losses.push_back(loss(n, r));
    norms.insert(norms.end(), {0.5 + static_cast<double>(r), -static_cast<double>(n)});
  }
  out.series.push_back({"loss", {"record"}, losses, "mean training loss"});
  out.series.push_back({"grad_norm", {"record", "matrix"}, norms, "norm of the gradient"});
  if (attention) {
    std::vector<float> weights;
    for (Index s = 0; s < 2; ++s)
      for (Index h = 0; h < 2; ++h)
        for (Index b = 0; b < 3; ++b)
          for (Index q = 0; q < n_keys; ++q)
            for (Index k = 0; k < n_keys; ++k) weights.push_back(weight(n, s, h, b, q, k));
    out.series.push_back({"attention",
                          {"attention_step", "layer", "head", "sample", "query", "key"},
                          weights,
                          "attention weights"});
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(3 * n_keys));
    std::iota(tokens.begin(), tokens.end(), static_cast<std::int32_t>(n));
    out.series.push_back({"attention_tokens", {"sample", "key"}, tokens, "tokens of the samples"});
    out.series.push_back({"attention_sample",
                          {"sample"},
                          std::vector<std::int64_t>{n, n + 1, n + 2},
                          "numbers of the samples"});
  }
  out.final_loss = loss(n, n == 2 ? 2 : n_records - 1);
  out.final_accuracy = n == 2 ? std::nan("") : 0.25;
  out.steps = (n_records - 1) * 10;
  out.parameters = 100 + n;
  return out;
}

inline Settings settings(Index n) {
  return {{"seed", n + 7},
          {"loss", "logistic"},
          {"optimizer", {{"plugin", "gradient_descent"}, {"learning_rate", 1e-5}}},
          {"note", "\u00fcber"}};
}

// Trial n of a grid. Trial 1 failed before it began, trial 2 diverged, every fifth has longer
// sequences.
inline FinishedTrial trial(Index n) {
  FinishedTrial out;
  out.settings = settings(n);
  out.id = id_of(out.settings);
  if (n == 1) {
    out.status = TrialStatus::failed;
    out.error = "the task 'text' found no file; \u00e4h";
  } else {
    out.records = records(n, 5, n % 5 == 4 ? 6 : 4);
    if (n == 2) {
      out.status = TrialStatus::diverged;
      out.error = "the loss is not finite at step 30";
    }
  }
  out.provenance = {1, 0.5, 3, 2, "node17", "2026-01-31T12:00:00Z"};
  return out;
}

inline Outline outline(Index n_trials, const std::string& name = "made-up") {
  Outline out;
  out.name = name;
  out.description = "made by hand";
  out.file = "grid.yaml";
  out.text = "name: " + name + "\n# \u00fcber\ntrial: {}\n";
  out.folder = "/somewhere";
  out.swept_paths = {"seed", "optimizer.learning_rate", "model.attention.kernel.plugin",
                     "task.dim"};
  for (Index n = 0; n < n_trials; ++n) {
    out.ids.push_back(id_of(settings(n)));
    out.swept.push_back(
        {n + 7, n % 2 == 0 ? Settings(1) : Settings(1e-5),
         n % 2 == 0 ? Settings("softmax") : Settings({{"plugin", "polynomial"}, {"degree", 2}}),
         n * 16});
  }
  out.first = settings(0);
  return out;
}

inline RunFacts facts() {
  return {"1.0.0",
          "GNU 12.2.0 Release",
          "GNU 12.2.0",
          "attnlab run grid.yaml --out dir",
          {{"lib/softmax.so", std::string(64, 'a')}},
          {{"HDF5", "1.10.8"}, {"TBB", "2021.8"}}};
}

}  // namespace attnlab::made

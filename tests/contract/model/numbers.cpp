// numbers.cpp: writes parameters, data, outputs, loss and gradients of some models as JSON, for
// reference.py.
#include <iostream>

#include "unit/model/models.hpp"

namespace attnlab {
namespace {

std::vector<Case> cases() {
  const TaskShape sign = token_task(), three = token_task(TargetKind::klass, 3),
                  words = token_task(TargetKind::token);
  std::vector<Case> all;
  const auto add = [&](const char* name, const char* model, const char* loss,
                       const TaskShape& task) {
    all.push_back({name, settings(model, loss), task});
  };
  add("paper A",
      R"({"embedding": "one_hot", "key_dim": 16, "output_projection": false, "bias": false,
          "head": {"hidden": 32, "activation": "identity", "second_layer": "fixed_signs"}})",
      "logistic", sign);
  add("encoder with padding",
      R"({"dim": 8, "heads": 2, "layers": 2, "positions": "learned", "norm": "pre_layer", "residual": true,
          "feed_forward": {"hidden": 16, "activation": "gelu"}, "readout": "mean",
          "head": {"classes": "from_task"}})",
      "cross_entropy", three);
  add("the network of paper C",
      R"({"dim": 8, "heads": 2, "layers": 2, "positions": "learned", "norm": "pre_layer", "residual": true,
          "feed_forward": {"hidden": 16, "activation": "gelu"}, "readout": "mean_padded",
          "attention": {"kernel": {"plugin": "gaussian"}}, "head": {"hidden": 12, "activation": "relu"}})",
      "cross_entropy", three);
  add("causal language model",
      R"({"dim": 8, "heads": 4, "layers": 2, "positions": "sinusoidal", "norm": "post_layer", "residual": true,
          "feed_forward": {"hidden": 16, "activation": "relu"}, "readout": "tokens",
          "attention": {"mask": "causal"}, "head": {"classes": "from_task"}})",
      "cross_entropy", words);
  add("theory of paper C",
      R"({"heads": 2, "key_dim": 3, "value_dim": 4, "bias": false, "readout": "tokens",
          "attention": {"kernel": {"plugin": "gaussian", "temperature": 1.3}}})",
      "squared", dense_task(2, true));
  add("last token asks",
      R"({"dim": 8, "heads": 2, "attention": {"queries": "last"}, "readout": "last", "norm": "l2", "residual": true,
          "head": {"classes": "from_task"}})",
      "logistic", sign);
  add("paper C with dropout of the attention weights, means over a padded length",
      R"({"dim": 8, "heads": 2, "layers": 2, "positions": "learned", "norm": "pre_layer", "residual": true,
          "feed_forward": {"hidden": 16, "activation": "gelu"}, "readout": {"mean_padded": 8},
          "attention": {"dropout": 0.3, "kernel": {"plugin": "gaussian"}}, "head": {"hidden": 12, "activation": "relu"}})",
      "cross_entropy", three);
  add("causal language model with dropout of the attention weights",
      R"({"dim": 8, "heads": 4, "positions": "sinusoidal", "norm": "post_layer", "residual": true,
          "readout": "tokens", "attention": {"mask": "causal", "dropout": 0.5}, "head": {"classes": "from_task"}})",
      "cross_entropy", words);
  add("patches through a linear map",
      R"({"embedding": "linear", "dim": 8, "heads": 2, "positions": "learned", "norm": "pre_layer", "residual": true,
          "feed_forward": {"hidden": 16, "activation": "gelu"}, "readout": "mean", "head": {"hidden": 5, "activation": "relu"}})",
      "squared", dense_task(3, false));
  return all;
}

Settings numbers(const Case& c) {
  auto made = make<double>(c);
  std::vector<double> gradient(static_cast<std::size_t>(made.layout.n_trained), 0.0);
  Settings out;
  out["name"] = c.name;
  out["trial"] = c.trial;
  out["key_dim"] = made.shape.key_dim;
  out["max_tokens"] = made.shape.max_tokens;
  out["first"] = made.first;
  out["tokens"] = made.tokens;
  out["inputs"] = made.inputs;
  out["target_ids"] = made.target_ids;
  out["targets"] = made.targets;
  out["seed"] = 11;
  out["step"] = 3;
  out["numbers"] = made.numbers;
  out["loss"] = loss_at(made, made.shape.attention_dropout > 0, std::span<double>(gradient));
  const auto outputs = made.model.outputs(*made.space);
  out["outputs"] = std::vector<double>(outputs.begin(), outputs.end());
  for (const auto& b : made.layout.blocks) {
    const auto piece = [&](const std::vector<double>& all) {
      return std::vector<double>(all.begin() + b.offset, all.begin() + b.offset + b.size());
    };
    Settings& m = out["matrices"][b.name];
    m["shape"] = {b.heads, b.rows, b.columns};
    m["value"] = piece(made.parameters);
    if (b.trained) m["gradient"] = piece(gradient);
  }
  return out;
}

}  // namespace
}  // namespace attnlab

int main() {
  attnlab::Settings all = attnlab::Settings::array();
  for (const auto& c : attnlab::cases()) all.push_back(attnlab::numbers(c));
  std::cout << all.dump() << "\n";
  return testing::Test::HasFailure() ? 1 : 0;
}

// gradient_test.cpp: every gradient of every switch against central differences, in double.
#include <cmath>

#include "unit/model/models.hpp"

namespace attnlab {
namespace {

const char* const encoder =
    R"("dim": 6, "heads": 2, "layers": 2, "residual": true, "positions": "learned",
       "feed_forward": {"hidden": 5, "activation": "gelu"}, "head": {"classes": "from_task"})";

std::string with(const std::string& more, const std::string& base = encoder) {
  return "{" + base + (more.empty() ? "" : ", " + more) + "}";
}

std::vector<Case> cases() {
  const TaskShape sign = token_task(), three = token_task(TargetKind::klass, 3),
                  two = token_task(TargetKind::klass, 2), words = token_task(TargetKind::token);
  const std::string paper_a =
      R"("embedding": "one_hot", "key_dim": 5, "value_dim": 4, "output_projection": false, "bias": false,
         "head": {"hidden": 8, "activation": "identity", "second_layer": "fixed_signs"})";
  const std::string classes = R"("dim": 6, "heads": 2, "head": {"classes": "from_task"})";
  const std::string dense = R"("heads": 2, "key_dim": 3, "value_dim": 4, "bias": false)";
  std::vector<Case> all;
  const auto add = [&](const char* name, const std::string& model, const char* loss,
                       const TaskShape& task) {
    all.push_back({name, settings(model, loss), task});
  };
  add("paper_a", with("", paper_a), "logistic", sign);
  add("paper_a_two_heads", with(R"("heads": 2)", paper_a), "logistic", sign);
  add("paper_a_biased",
      with(
          R"("heads": 3, "readout": "mean")",
          R"("embedding": "one_hot", "key_dim": 5, "value_dim": 4, "output_projection": false, "bias": true,
         "head": {"hidden": 8, "activation": "identity", "second_layer": "fixed_signs"})"),
      "logistic", sign);
  add("one_hot_residual",
      with(R"("embedding": "one_hot", "residual": true, "key_dim": 4, "value_dim": 3,
      "head": {"classes": "from_task"})",
           R"("heads": 2)"),
      "cross_entropy", three);
  add("one_hot_positions",
      with(R"("embedding": "one_hot", "positions": "learned", "key_dim": 4,
      "head": {"classes": "from_task"})",
           R"("heads": 1)"),
      "squared", three);
  add("pre_norm", with(R"("norm": "pre_layer", "readout": "mean")"), "cross_entropy", three);
  add("pre_norm_gaussian",
      with(R"("norm": "pre_layer", "attention": {"kernel": {"plugin": "gaussian"}})"),
      "cross_entropy", three);
  add("pre_norm_dropout", with(R"("norm": "pre_layer", "readout": "mean_padded", "dropout": 0.3)"),
      "cross_entropy", three);
  add("post_norm", with(R"("norm": "post_layer", "readout": "last")"), "logistic", two);
  add("post_norm_dropout_causal",
      with(R"("norm": "post_layer", "dropout": 0.2, "attention": {"mask": "causal"})"), "squared",
      two);
  add("post_norm_no_residual",
      with(
          R"("norm": "post_layer", "dropout": 0.2, "head": {"classes": "from_task"})",
          R"("dim": 6, "heads": 3, "layers": 2, "feed_forward": {"hidden": 5, "activation": "relu"})"),
      "cross_entropy", sign);
  add("pre_norm_no_residual",
      with(
          R"("norm": "pre_layer", "head": {"hidden": 7, "activation": "gelu"})",
          R"("dim": 6, "heads": 3, "layers": 2, "feed_forward": {"hidden": 5, "activation": "identity"})"),
      "cross_entropy", sign);
  add("l2", with(R"("norm": "l2", "residual": true)", classes), "squared", sign);
  add("l2_joined", with(R"("norm": "l2", "output_projection": false)", classes), "squared", three);
  add("plain_shared", with("", classes), "cross_entropy", three);
  add("shared_residual_feed_forward",
      with(R"("residual": true, "feed_forward": {"hidden": 5})", classes), "cross_entropy", three);
  add("two_layers_plain",
      with(R"("layers": 2, "attention": {"mask": "causal_exclusive"})", classes), "cross_entropy",
      three);
  add("sinusoidal", with(R"("positions": "sinusoidal", "bias": false)", classes), "cross_entropy",
      three);
  add("dropout_without_projection", with(R"("output_projection": false, "dropout": 0.3)", classes),
      "cross_entropy", three);
  add("orthonormal",
      with(
          R"("embedding": "orthonormal", "key_dim": 3, "head": {"hidden": 4, "activation": "relu"})",
          R"("dim": 10)"),
      "logistic", two);
  add("gaussian_embedding",
      with(R"("embedding": "gaussian", "head": {"hidden": 4, "activation": "identity"})",
           R"("dim": 8)"),
      "logistic", two);
  add("identity_head_trained",
      with(R"("bias": false, "head": {"hidden": 4, "activation": "identity"})", R"("dim": 8)"),
      "cross_entropy", three);
  add("no_head", with("", R"("dim": 6, "heads": 2)"), "cross_entropy", three);
  add("no_head_two_layers",
      with(R"("layers": 2, "norm": "pre_layer", "feed_forward": {"hidden": 5})",
           R"("dim": 6, "heads": 2)"),
      "cross_entropy", three);
  add("last_query", with(R"("attention": {"queries": "last"})", classes), "cross_entropy", three);
  add("last_query_residual_norms",
      with(
          R"("attention": {"queries": "last"}, "residual": true, "norm": "pre_layer", "dropout": 0.25,
      "feed_forward": {"hidden": 5}, "readout": "mean_padded")",
          classes),
      "cross_entropy", three);
  add("last_query_one_hot",
      with(R"("attention": {"queries": "last", "kernel": {"plugin": "gaussian"}})", paper_a),
      "logistic", sign);
  add("last_query_shared_residual",
      with(R"("attention": {"queries": "last"}, "residual": true, "norm": "post_layer")", classes),
      "cross_entropy", three);
  add("language_model",
      with(R"("norm": "post_layer", "readout": "tokens", "attention": {"mask": "causal"})"),
      "cross_entropy", words);
  add("language_model_hidden",
      with(R"("dim": 6, "readout": "tokens", "head": {"hidden": 5, "activation": "relu"})",
           R"("heads": 2)"),
      "cross_entropy", words);
  add("paper_c", with(R"("readout": "tokens")", dense), "squared", dense_task(2, true));
  add("paper_c_gaussian",
      with(
          R"("readout": "tokens", "attention": {"kernel": {"plugin": "gaussian", "temperature": 1.7}})",
          dense),
      "squared", dense_task(2, true));
  add("dense_joined", with(R"("readout": "mean", "output_projection": false)", dense), "squared",
      dense_task(8, false));
  add("dense_two_layers",
      with(R"("layers": 2, "readout": "last", "norm": "pre_layer", "positions": "sinusoidal")",
           dense),
      "squared", dense_task(3, false));
  add("linear_embedding",
      with(
          R"("embedding": "linear", "dim": 8, "positions": "learned", "norm": "pre_layer", "dropout": 0.2,
              "readout": "mean", "head": {"hidden": 4, "activation": "relu"}, "residual": true)",
          R"("heads": 2)"),
      "squared", dense_task(3, false));
  add("linear_embedding_plain",
      with(R"("embedding": "linear", "dim": 9, "positions": "sinusoidal", "bias": false,
              "head": {"hidden": 4, "activation": "relu"})",
           R"("heads": 3)"),
      "squared", dense_task(3, false));
  add("mean_padded_to", with(R"("readout": {"mean_padded": 50})", classes), "cross_entropy", three);
  for (const char* kernel :
       {"softmax", "gaussian", "normalized_gaussian", "exponential", "softmax1", "laplacian",
        "cauchy", "polynomial", "relu", "sigmoid", "cosine", "sparsemax", "entmax15", "linear"})
    add((std::string("attention_dropout_") + kernel).c_str(),
        with(std::string(R"("attention": {"dropout": 0.4, "kernel": {"plugin": ")") + kernel +
                 R"("}})",
             classes),
        "cross_entropy", three);
  add("attention_dropout_encoder",
      with(
          R"("norm": "pre_layer", "dropout": 0.2, "attention": {"mask": "causal", "dropout": 0.3})"),
      "cross_entropy", three);
  add("attention_dropout_exclusive",
      with(
          R"("attention": {"mask": "causal_exclusive", "dropout": 0.3, "kernel": {"plugin": "gaussian"}})",
          classes),
      "cross_entropy", three);
  add("attention_dropout_last_query",
      with(R"("attention": {"queries": "last", "dropout": 0.5})", classes), "cross_entropy", three);
  add("attention_dropout_one_hot", with(R"("attention": {"dropout": 0.3})", paper_a), "logistic",
      sign);
  for (const bool weighted : {false, true}) {
    const TaskShape task = next_token_task(weighted);
    const std::string how = weighted ? "_weighted" : "";
    const auto add_yz = [&](const std::string& name, const std::string& more) {
      add((name + how).c_str(), R"({"parameterization": "yz", )" + more + "}", "cross_entropy",
          task);
    };
    add_yz("yz", R"("norm": "none")");
    add_yz("yz_l2", R"("norm": "l2")");
    add_yz("yz_residual", R"("residual": true, "attention": {"mask": "none"})");
    add_yz("yz_l2_residual", R"("norm": "l2", "residual": true)");
    add_yz("yz_gaussian",
           R"("norm": "l2", "residual": true,
              "attention": {"kernel": {"plugin": "gaussian", "temperature": 1.7}})");
    add_yz("yz_normalized_gaussian",
           R"("attention": {"kernel": {"plugin": "normalized_gaussian"}})");
    add_yz("yz_only_Z", R"("norm": "l2", "train": ["Z"])");
    add_yz("yz_only_Y", R"("norm": "l2", "train": ["Y"])");
  }
  add("only_values", with(R"("readout": "tokens", "train": ["W_V"])", dense), "squared",
      dense_task(2, true));
  add("only_queries", with(R"("readout": "tokens", "train": ["W_Q"])", dense), "squared",
      dense_task(2, true));
  add("only_first_layer",
      with(R"("norm": "pre_layer", "train": ["layer0.W_K", "layer0.norm_1_gain"])"),
      "cross_entropy", three);
  add("only_second_layer",
      with(R"("norm": "post_layer", "train": ["layer1.W_F1", "layer1.b_O", "b_C"])"),
      "cross_entropy", three);
  add("only_norms", with(R"("norm": "pre_layer", "train": ["norm_2_gain", "norm_1_bias"])"),
      "cross_entropy", three);
  add("only_embedding", with(R"("train": ["W_E"])", classes), "cross_entropy", three);
  add("only_head", with(R"("train": ["W_C"])", classes), "cross_entropy", three);
  return all;
}

class Gradient : public testing::TestWithParam<Case> {};

TEST_P(Gradient, IsTheCentralDifferenceOfTheLoss) {
  auto made = make<double>(GetParam());
  const bool training = made.shape.dropout > 0 || made.shape.attention_dropout > 0;
  std::vector<double> gradient(static_cast<std::size_t>(made.layout.n_trained), 0.0);
  loss_at(made, training, std::span<double>(gradient));
  double largest = 0;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  EXPECT_GT(largest, 1e-4) << "a gradient of zero would pass any check";
  for (const auto& b : made.layout.blocks) {
    if (!b.trained) continue;
    const Index stride = std::max<Index>(1, b.size() / 40);  // at most about 40 numbers a matrix
    for (Index i = b.offset; i < b.offset + b.size(); i += stride) {
      double& p = made.parameters[static_cast<std::size_t>(i)];
      const double here = p, h = 2e-6;
      p = here + h;
      const double up = loss_at(made, training);
      p = here - h;
      const double down = loss_at(made, training);
      p = here;
      EXPECT_NEAR(gradient[static_cast<std::size_t>(i)], (up - down) / (2 * h),
                  1e-6 * (1 + largest))
          << GetParam().name << " " << b.name << " element " << i - b.offset;
    }
  }
}

TEST_P(Gradient, IsAddedAndScaled) {
  auto made = make<double>(GetParam());
  const bool training = made.shape.dropout > 0 || made.shape.attention_dropout > 0;
  const auto n = static_cast<std::size_t>(made.layout.n_trained);
  std::vector<double> once(n, 0.0), twice(n, 1.0);
  loss_at(made, training, std::span<double>(once));
  loss_at(made, training, std::span<double>(twice), 0.5);
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(twice[i], 1.0 + 0.5 * once[i], 1e-12);
}

TEST_P(Gradient, InSinglePrecisionIsThatOfDouble) {
  auto made = make<double>(GetParam());
  auto single = make<float>(GetParam());
  const bool training = made.shape.dropout > 0 || made.shape.attention_dropout > 0;
  const auto n = static_cast<std::size_t>(made.layout.n_trained);
  std::vector<double> gradient(n, 0.0);
  std::vector<float> rough(n, 0.0f);
  const double loss = loss_at(made, training, std::span<double>(gradient));
  EXPECT_NEAR(loss_at(single, training, std::span<float>(rough)), loss, 1e-4 * (1 + loss));
  double largest = 0;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  for (std::size_t i = 0; i < n; ++i)
    EXPECT_NEAR(static_cast<double>(rough[i]), gradient[i], 2e-4 * (1 + largest)) << i;
}

INSTANTIATE_TEST_SUITE_P(Model, Gradient, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace attnlab

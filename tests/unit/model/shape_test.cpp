// shape_test.cpp: what a model is made of, and the sentences for what does not fit together.
#include <numeric>

#include "unit/model/models.hpp"

namespace attnlab {
namespace {

std::string names(const ParameterLayout& layout) {
  std::string all;
  for (const auto& b : layout.blocks) all += (all.empty() ? "" : " ") + b.name;
  return all;
}

ParameterLayout layout_of(const std::string& model, const char* loss, const TaskShape& task) {
  const Settings trial = settings(model, loss);
  const auto shape = model_shape(trial, task);
  EXPECT_TRUE(shape) << (shape ? "" : sentence(shape.errors()[0]));
  auto layout = parameter_layout(*shape, trial);
  EXPECT_TRUE(layout) << (layout ? "" : sentence(layout.errors()[0]));
  return *layout;
}

// Paper C, section 3.1: the networks of its long-range experiments.
Index skyformer(Index vocabulary, Index max_tokens, Index classes) {
  TaskShape task = token_task(TargetKind::klass, classes);
  task.vocabulary = vocabulary;
  task.max_tokens = max_tokens;
  return layout_of(
             R"({"dim": 64, "heads": 2, "layers": 2, "positions": "learned", "norm": "pre_layer",
      "residual": true, "dropout": 0.1, "feed_forward": {"hidden": 128, "activation": "gelu"},
      "readout": "mean_padded", "head": {"hidden": 128, "activation": "relu"}})",
             "cross_entropy", task)
      .n;
}

TEST(Layout, HasTheParameterCountsOfPaperC) {
  EXPECT_EQ(skyformer(512, 4096, 2), 370562);
  EXPECT_EQ(skyformer(512, 1024, 2), 173954);
  EXPECT_EQ(skyformer(32, 2048, 10), 209802);
}

TEST(Layout, OfPaperAHoldsItsFourMatricesAndTheFixedSignsBehindThem) {
  TaskShape task = token_task();
  task.vocabulary = 64;
  const auto layout =
      layout_of(R"({"embedding": "one_hot", "key_dim": 128, "output_projection": false,
      "bias": false, "head": {"hidden": 256, "activation": "identity", "second_layer": "fixed_signs"}})",
                "logistic", task);
  EXPECT_EQ(names(layout), "W_Q W_K W_V W_H1 W_H2");
  EXPECT_EQ(layout.n_trained, 3 * 64 * 128 + 128 * 256);
  EXPECT_EQ(layout.n, layout.n_trained + 256);
  EXPECT_FALSE(layout.find("W_H2")->trained);
  EXPECT_EQ(layout.find("W_H2")->offset, layout.n_trained);
  EXPECT_TRUE(layout.find("W_Q")->has_head_axis);
}

TEST(Layout, KeepsTheOrderOfTheContract) {
  const auto layout = layout_of(R"({"dim": 6, "heads": 2, "layers": 2, "positions": "learned",
      "norm": "pre_layer", "feed_forward": {"hidden": 5}, "head": {"classes": "from_task"}})",
                                "cross_entropy", token_task(TargetKind::klass, 3));
  const auto layer = [](const std::string& l) {
    std::string all;
    for (const char* name :
         {"W_Q", "W_K", "W_V", "W_O", "b_Q", "b_K", "b_V", "b_O", "W_F1", "b_F1", "W_F2", "b_F2",
          "norm_1_gain", "norm_1_bias", "norm_2_gain", "norm_2_bias"})
      all += " " + l + name;
    return all;
  };
  EXPECT_EQ(names(layout), "W_E W_P" + layer("layer0.") + layer("layer1.") +
                               " final_norm_gain final_norm_bias W_C b_C");
  for (const auto& b : layout.blocks) EXPECT_TRUE(b.trained) << b.name;
}

TEST(Layout, ANameWithoutLayerMeansAllLayers) {
  const auto layout =
      layout_of(R"({"dim": 6, "heads": 2, "layers": 2, "head": {"classes": "from_task"},
      "train": ["W_V", "layer1.W_Q"]})",
                "cross_entropy", token_task(TargetKind::klass, 3));
  std::string trained;
  for (const auto& b : layout.blocks)
    if (b.trained) trained += b.name + " ";
  EXPECT_EQ(trained, "layer0.W_V layer1.W_Q layer1.W_V ");
  EXPECT_EQ(layout.n_trained, 3 * 6 * 6);
}

TEST(Layout, WithoutAHeadTheOutputMapAnswersTheTargets) {
  const auto layout = layout_of(R"({"heads": 2, "key_dim": 3, "value_dim": 4, "bias": false,
      "readout": "tokens"})",
                                "squared", dense_task(2, true));
  EXPECT_EQ(names(layout), "W_Q W_K W_V W_O");
  const auto* w = layout.find("W_O");
  EXPECT_EQ(w->heads, 2);
  EXPECT_EQ(w->rows, 4);
  EXPECT_EQ(w->columns, 2);
}

TEST(Layout, OfAModelOfDefaultsFitsEveryTaskWithOneTargetASample) {
  EXPECT_EQ(layout_of("{}", "logistic", token_task()).find("W_O")->columns, 1);
  const auto three = token_task(TargetKind::klass, 3);
  EXPECT_EQ(layout_of("{}", "cross_entropy", three).find("W_O")->columns, 3);
  const auto two_layers = layout_of(R"({"layers": 2})", "cross_entropy", three);
  EXPECT_EQ(two_layers.find("layer0.W_O")->columns, 64);
  EXPECT_EQ(two_layers.find("layer1.W_O")->columns, 3);
}

TEST(Layout, ValuesMustFitEveryLayerThatTheirNameStandsFor) {
  const TaskShape three = token_task(TargetKind::klass, 3);
  const std::string values = R"("init": {"W_O": {"values": [[1, 2], [3, 4]]})";
  const Settings all = settings(R"({"dim": 2, "layers": 2, )" + values + "}}", "cross_entropy");
  const auto layout = parameter_layout(*model_shape(all, three), all);
  ASSERT_FALSE(layout);
  EXPECT_EQ(layout.errors()[0].where, "model.init.layer1.W_O");
  const Settings first = settings(
      R"({"dim": 2, "layers": 2, )" + values + R"(, "layer1.W_O": "zeros"}})", "cross_entropy");
  EXPECT_TRUE(parameter_layout(*model_shape(first, three), first));
}

TEST(Layout, ThatNoMachineCouldHoldIsRefusedWithItsBytes) {
  const Settings huge =
      settings(R"({"heads": 4096, "dim": 67108864, "key_dim": 67108864})", "logistic");
  const auto layout = parameter_layout(*model_shape(huge, token_task()), huge);
  ASSERT_FALSE(layout);
  EXPECT_NE(sentence(layout.errors()[0]).find("PiB of memory"), std::string::npos)
      << sentence(layout.errors()[0]);
}

struct Wrong {
  const char *model, *loss;
  TaskShape task;
  const char *where, *part;  // of the sentence
};

TEST(Shape, SaysWhatDoesNotFit) {
  const TaskShape sign = token_task(), three = token_task(TargetKind::klass, 3),
                  words = token_task(TargetKind::token), rows = dense_task(2, true);
  const Wrong all[] = {
      {R"({"dim": 10, "heads": 3, "head": {"classes": "from_task"}})", "logistic", sign,
       "model.heads", "do not divide"},
      {R"({"dim": 64, "output_projection": false})", "logistic", sign, "model.head",
       "must answer 1 number, but their width is 64"},
      {R"({"heads": 1000000000, "key_dim": 1})", "logistic", sign, "model.heads", "7.45 GiB"},
      {R"({"layers": 1000000000})", "logistic", sign, "model.layers", "1.86 TiB"},
      {R"({"readout": "tokens"})", "logistic", rows, "loss", "take squared"},
      {R"({"head": {"classes": "from_task"}})", "logistic", three, "loss", "two classes"},
      {R"({"head": {"classes": 4}})", "cross_entropy", three, "model.head.classes", "3 outputs"},
      {R"({"readout": "tokens"})", "cross_entropy", rows, "loss", "numbers as targets"},
      {R"({"readout": "sum", "head": {"classes": "from_task"}})", "cross_entropy", words,
       "model.readout", "one target a token"},
      {R"({"readout": "tokens", "head": {"classes": "from_task"}})", "logistic", sign,
       "model.readout", "one target a sample"},
      {R"({"layers": 2, "attention": {"queries": "last"}, "head": {"classes": "from_task"}})",
       "logistic", sign, "model.attention.queries", "2 layers"},
      {R"({"output_projection": false, "residual": true, "value_dim": 5, "head": {"classes": "from_task"}})",
       "logistic", sign, "model.residual", "5 numbers, which cannot be added to an input of 64"},
      {R"({"output_projection": false, "layers": 2, "value_dim": 5, "head": {"classes": "from_task"}})",
       "logistic", sign, "model.output_projection", "needs 64 numbers"},
      {R"({"residual": true, "bias": false, "readout": "tokens"})", "squared", rows,
       "model.residual", "2 numbers, which cannot be added to an input of 6; set head"},
      {R"({"norm": "pre_layer"})", "logistic", sign, "model.norm", "nothing is learned; set head"},
      {R"({"embedding": "orthonormal", "dim": 4, "head": {"classes": "from_task"}})", "logistic",
       sign, "model.dim", "at right angles"},
      {R"({"dim": 5, "readout": "tokens"})", "squared", rows, "model.dim", "6 wide"},
      {R"({"dropout": 1.0, "head": {"classes": "from_task"}})", "logistic", sign, "model.dropout",
       "below 1"},
      {R"({"norm": "post", "head": {"classes": "from_task"}})", "logistic", sign, "model.norm",
       "post_layer"},
      {R"({"parameterization": "yz", "head": {"classes": "from_task"}})", "logistic", sign,
       "model.parameterization", "one next token"},
  };
  for (const Wrong& w : all) {
    const auto shape = model_shape(settings(w.model, w.loss), w.task);
    ASSERT_FALSE(shape) << w.model;
    bool found = false;
    std::string said;
    for (const Error& e : shape.errors()) {
      said += sentence(e) + "\n";
      found = found || (e.where == w.where && sentence(e).find(w.part) != std::string::npos);
    }
    EXPECT_TRUE(found) << w.model << "\n" << said;
  }
}

TEST(Shape, WidthsThatFollowFromOthersAreNotBlamedInYz) {
  const TaskShape task = next_token_task(false);
  const auto blamed = [&](const char* model) {
    std::string all;
    const auto shape = model_shape(settings(model, "cross_entropy"), task);
    if (!shape)
      for (const Error& e : shape.errors()) all += (all.empty() ? "" : " ") + e.where;
    return all;
  };
  EXPECT_EQ(blamed(R"({"parameterization": "yz", "dim": 4, "key_dim": 4, "value_dim": 4})"),
            "model.dim");
  EXPECT_EQ(blamed(R"({"parameterization": "yz", "key_dim": 3, "value_dim": 3})"), "model.key_dim");
  EXPECT_EQ(blamed(R"({"parameterization": "yz", "dim": 4, "key_dim": 3, "value_dim": 2})"),
            "model.dim model.key_dim model.value_dim");
}

TEST(Shape, NamesThatAreNotThereAreAnsweredWithTheNearest) {
  for (const char* key : {R"("train": ["W_QQ"])", R"("init": {"W_QQ": "zeros"})"}) {
    const Settings trial =
        settings(std::string(R"({"head": {"classes": "from_task"}, )") + key + "}", "logistic");
    const auto layout = parameter_layout(*model_shape(trial, token_task()), trial);
    ASSERT_FALSE(layout);
    EXPECT_NE(sentence(layout.errors()[0]).find("did you mean 'W_Q'"), std::string::npos)
        << sentence(layout.errors()[0]);
  }
}

}  // namespace
}  // namespace attnlab

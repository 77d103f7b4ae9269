// resolve_test.cpp: the complete settings tree, its defaults, and that spelling does not change it.
#include <gtest/gtest.h>

#include "grid/scalar.hpp"
#include "unit/grid/small_catalogue.hpp"

namespace attnlab {
namespace {

Settings resolved(const std::string& trial) {
  const Result<Grid> grid = test::read("trial: " + trial + "\n");
  if (!grid) {
    ADD_FAILURE() << trial << ": " << sentence(grid.errors()[0]);
    return nullptr;
  }
  const Result<Settings> settings = resolve(grid->trial, test::small_catalogue());
  EXPECT_TRUE(settings);
  return settings ? *settings : Settings(nullptr);
}

TEST(Resolve, FillsEveryDefault) {
  const Settings expected = Settings::parse(R"({
    "seed": 1,
    "task": {"plugin": "cooccurrence", "sequence_length": 5, "dim": 64, "samples": 60,
             "distinct_random_tokens": false},
    "loss": "logistic",
    "model": {
      "embedding": "learned", "dim": null, "heads": 1, "key_dim": null, "value_dim": null, "layers": 1,
      "positions": "none",
      "attention": {"kernel": {"plugin": "softmax", "temperature": null}, "queries": "all", "mask": "none"},
      "parameterization": "qkv", "output_projection": true, "bias": true, "residual": false,
      "norm": "none", "dropout": 0.0, "feed_forward": "none", "readout": "sum", "head": "none",
      "init": {}, "train": "all"},
    "optimizer": {"plugin": "gradient_descent", "learning_rate": 0.01,
      "schedule": {"shape": "constant", "warm_up": 0, "start_factor": 0.0, "final_factor": 0.0,
                   "cycle_momentum": true},
      "clip": "none", "momentum": 0.0, "nesterov": false},
    "training": {"steps": 1000, "batch": "full", "precision": "float64"},
    "record": {"metrics": {"every": 10, "full_loss": false},
      "attention": {"steps": [0, "last"], "samples": 8},
      "parameters": {"steps": [], "matrices": "all"},
      "measures": "auto", "data": false, "checkpoint": {"every_seconds": 300.0}}})");
  EXPECT_EQ(canonical(resolved("{}")), canonical(expected));
}

TEST(Resolve, WhatIsResolvedStaysAsItIs) {
  for (const std::string trial :
       {"{}", "{model: {dim: 12, heads: 3, init: kaiming, train: [W_V, W_Q], head: {hidden: 5}}}",
        "{optimizer: {plugin: adam, schedule: one_cycle, learning_rate: {Y: 1, Z: 0.1}, clip: "
        "{norm: 1}}}",
        "{record: {metrics: {steps: [last, 5, 0, 5]}}, task: {plugin: token_regression, targets: "
        "[[1.0, 2.5]]}}",
        "{model: {feed_forward: {hidden: 4}, attention: {kernel: {plugin: laplacian, norm: "
        "l1}}}}",
        "{model: {attention: {dropout: 0.1}, readout: {mean_padded: 4096}, embedding: linear}}"}) {
    const Settings once = resolved(trial);
    const Result<Settings> twice = resolve(once, test::small_catalogue());
    ASSERT_TRUE(twice) << sentence(twice.errors()[0]);
    EXPECT_EQ(canonical(*twice), canonical(once));
    const Result<Grid> read_back = test::read("trial:\n" + [&] {
      std::string text = to_yaml(once), indented = "  ";
      for (const char c : text) indented += c == '\n' ? std::string("\n  ") : std::string(1, c);
      return indented;
    }());
    ASSERT_TRUE(read_back) << sentence(read_back.errors()[0]);
    EXPECT_EQ(canonical(*resolve(read_back->trial, test::small_catalogue())), canonical(once));
  }
}

TEST(Resolve, SpellingDoesNotChangeTheTrial) {
  const auto same = [](const std::string& a, const std::string& b) {
    EXPECT_EQ(canonical(resolved(a)), canonical(resolved(b))) << a << " and " << b;
  };
  same("{optimizer: {learning_rate: 1}}", "{optimizer: {learning_rate: 1.0}}");
  same("{training: {steps: 1000}}", "{training: {steps: 1e3}}");
  same("{seed: 5}", "{seed: 5.0}");
  same("{seed: 16}", "{seed: 0x10}");
  same("{seed: 8}", "{seed: 0o10}");
  same("{model: {dropout: 0}}", "{model: {dropout: -0.0}}");
  same("{}", "{model: {attention: {dropout: 0}}}");  // so no trial without it has another id
  same("{seed: 3, loss: squared}", "{loss: squared, seed: 3}");
  same("{optimizer: {schedule: cosine}}", "{optimizer: {schedule: {shape: cosine}}}");
  same("{optimizer: adam}", "{optimizer: {plugin: adam}}");
  same("{model: {init: zeros}}", "{model: {init: {default: zeros}}}");
  same("{model: {init: {normal: 1}}}", "{model: {init: {default: {normal: 1.0}}}}");
  same("{model: {train: [W_Q, W_K]}}", "{model: {train: [W_K, W_Q, W_K]}}");
  same("{record: {metrics: {steps: [last, 3, 0]}}}",
       "{record: {metrics: {steps: [0, 3, 3, last]}}}");
  same("{task: {plugin: token_regression, targets: [1.0, 2]}}",
       "{task: {plugin: token_regression, targets: [1, 2.0]}}");
  same("{model: {dim: 64}}",
       "{model: {dim: 64, heads: 1, key_dim: 64, value_dim: 64, attention: {kernel: {temperature: "
       "8}}}}");
  same("{}", "{model:, optimizer:}");
  same("{model: {residual: true}}", "{model: {residual: True}}");
}

TEST(Resolve, SizesFollowFromEachOther) {
  const Settings model = resolved("{model: {dim: 64, heads: 4}}")["model"];
  EXPECT_EQ(model["key_dim"], 16);
  EXPECT_EQ(model["value_dim"], 16);
  EXPECT_EQ(model["attention"]["kernel"]["temperature"], 4.0);
  const Settings open = resolved("{model: {embedding: one_hot, value_dim: 3}}")["model"];
  EXPECT_TRUE(open["key_dim"].is_null());
  EXPECT_EQ(open["value_dim"], 3);
  EXPECT_EQ(resolved("{model: {key_dim: 9}}")["model"]["attention"]["kernel"]["temperature"], 3.0);
}

TEST(Resolve, TypesAreThoseOfTheKey) {
  const Settings all = resolved(
      "{task: {plugin: text_corpus, path: a.txt}, training: {steps: 10.0}, optimizer: {momentum: "
      "1}}");
  EXPECT_TRUE(all["training"]["steps"].is_number_integer());
  EXPECT_TRUE(all["optimizer"]["momentum"].is_number_float());
  EXPECT_TRUE(all["task"]["share"].is_number_float());
  EXPECT_EQ(all["task"]["path"], "a.txt");
  EXPECT_EQ(resolved("{seed: 9223372036854775807}")["seed"], 9223372036854775807);
}

TEST(Resolve, SchedulesAndRatesHaveTheirOwnDefaults) {
  const Settings optimizer = resolved(
      "{optimizer: {plugin: adam, schedule: one_cycle, learning_rate: {Y: 2}}}")["optimizer"];
  EXPECT_EQ(optimizer["schedule"]["start_factor"], 0.04);
  EXPECT_EQ(optimizer["schedule"]["final_factor"], 1e-4);
  EXPECT_EQ(optimizer["learning_rate"], (Settings{{"Y", 2.0}, {"default", 0.001}}));
}

TEST(Resolve, InitTakesEveryScheme) {
  const Settings init = resolved(
      "{model: {init: {default: xavier, W_Q: {uniform: 1}, layer1.W_K: identity, W_V: {values: "
      "[[1, 2], [3, 4]]}, "
      "W_O: {values: [[[1], [2]]]}, b_Q: {values: [0.5]}, Y: zeros}}}")["model"]["init"];
  EXPECT_EQ(init["default"], "xavier");
  EXPECT_EQ(init["layer1.W_K"], "identity");
  EXPECT_EQ(resolved("{model: {init: cooccurrence_theory}}")["model"]["init"].dump(),
            R"({"default":{"cooccurrence_theory":{"c0":0.1,"c1":1.0}}})");
  EXPECT_EQ(resolved("{model: {init: {cooccurrence_theory: {c0: 1}}}}")["model"]["init"].dump(),
            R"({"default":{"cooccurrence_theory":{"c0":1.0,"c1":1.0}}})");
  EXPECT_EQ(init["W_V"].dump(), R"({"values":[[1.0,2.0],[3.0,4.0]]})");
  EXPECT_EQ(init["W_O"]["values"][0][1][0], 2.0);
}

TEST(Resolve, SaysEveryMistakeWithItsPath) {
  const Result<Settings> wrong =
      resolve({{"seed", -1}, {"model", {{"dim", "x"}, {"colour", 3}}}}, test::small_catalogue());
  ASSERT_FALSE(wrong);
  std::vector<std::string> places;
  for (const Error& error : wrong.errors()) places.push_back(error.where);
  EXPECT_EQ(places, (std::vector<std::string>{"model.dim", "model.colour", "seed"}));
  EXPECT_FALSE(resolve(Settings(3), test::small_catalogue()));
}

TEST(PlainScalar, ReadsYaml12) {
  const auto value = [](const std::string& word) { return plain_scalar(word).value; };
  EXPECT_EQ(value("1"), 1);
  EXPECT_EQ(value("+7"), 7);
  EXPECT_EQ(value("-7"), -7);
  EXPECT_TRUE(value("1e3").is_number_float());
  EXPECT_EQ(value("1e3"), 1000.0);
  EXPECT_EQ(value(".5"), 0.5);
  EXPECT_EQ(value("5."), 5.0);
  EXPECT_EQ(value("-1.5E-2"), -0.015);
  EXPECT_EQ(value("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value("0"), 0);
  EXPECT_EQ(value("1e-999"), 0.0);
  EXPECT_TRUE(value("~").is_null());
  EXPECT_EQ(value("FALSE"), false);
  for (const std::string word :
       {"yes", "no", "on", "off", "1:30", "2024-01-01", "1_000", "1e",  "e3",    ".",
        "-",   "+",  "0x", "0xg", "nan",  "inf",        "tRue",  "--1", "1.2.3", "5 6"}) {
    EXPECT_EQ(value(word), word);
  }
  for (const std::string word :
       {"010", "-007", "9223372036854775808", "1e400", ".nan", "-.INF", "0x8000000000000000"}) {
    EXPECT_FALSE(plain_scalar(word).flaw.empty()) << word;
  }
}

}  // namespace
}  // namespace attnlab

// sweep_test.cpp: what the axes of a grid file become, --set, aliases and merges, and their limits.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "unit/grid/small_catalogue.hpp"

namespace attnlab {
namespace {

Grid good(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const Result<Grid> grid = test::read(text, overrides);
  if (grid) return *grid;
  for (const Error& error : grid.errors()) ADD_FAILURE() << sentence(error) << "\n" << text;
  return {};
}

std::string values_of(const std::string& path, const std::string& values) {
  const Grid grid = good("trial: {}\nsweep: {grid: {" + path + ": " + values + "}}\n");
  Settings all = Settings::array();
  for (const Axis& axis : grid.axes) {
    for (const auto& value : axis.values) all.push_back(value[0]);
  }
  return all.dump();
}

TEST(Sweep, ListsRangesAndSpacings) {
  EXPECT_EQ(values_of("seed", "[3, 1, 2]"), "[3,1,2]");
  EXPECT_EQ(values_of("seed", "{range: [0, 4]}"), "[0,1,2,3]");
  EXPECT_EQ(values_of("seed", "{range: [1, 10, 4]}"), "[1,5,9]");
  EXPECT_EQ(values_of("seed", "{range: [3, 0, -1]}"), "[3,2,1]");
  EXPECT_EQ(values_of("model.dropout", "{range: [0, 0.75, 0.25]}"), "[0.0,0.25,0.5]");
  EXPECT_EQ(values_of("model.dropout", "{range: [0, 0.3, 0.1]}"), "[0.0,0.1,0.2]");
  EXPECT_EQ(values_of("model.dropout", "{linspace: [0, 0.5, 3]}"), "[0.0,0.25,0.5]");
  EXPECT_EQ(values_of("model.dropout", "{linspace: [0.5, 0.9, 1]}"), "[0.5]");
  EXPECT_EQ(values_of("optimizer.learning_rate", "{logspace: [0.001, 0.1, 3]}"),
            "[0.001,0.01,0.1]");
  EXPECT_EQ(values_of("optimizer.learning_rate", "{logspace: [1, 1000, 4]}"),
            "[1.0,10.0,100.0,1000.0]");
  EXPECT_EQ(values_of("seed", "{range: [9223372036854775800, 9223372036854775807, 5]}"),
            "[9223372036854775800,9223372036854775805]");
  EXPECT_EQ(values_of("model.dropout", "{range: [0, 0.5, 0.1]}"), "[0.0,0.1,0.2,0.3,0.4]");
  EXPECT_EQ(values_of("model.train", "[[W_Q], all]"), R"([["W_Q"],"all"])");
  EXPECT_EQ(values_of("model.feed_forward", "[none, {hidden: 3}]"), R"(["none",{"hidden":3}])");
  EXPECT_EQ(values_of("model.dim", "[null, 4]"), "[null,4]");
  EXPECT_EQ(values_of("seed", "3"), "[3]");
  EXPECT_EQ(values_of("model.attention.kernel.plugin", "gaussian"), R"(["gaussian"])");
}

TEST(Sweep, AxesKeepTheOrderOfTheFileAndTheirPlaces) {
  const Grid grid = good(
      "trial: {}\n"
      "sweep:\n"
      "  zip:\n"
      "    - {task.dim: [64, 128], model.key_dim: [8, 16]}\n"
      "    - model.layers: [1, 2, 3]\n"
      "  grid:\n"
      "    seed: {range: [0, 3]}\n"
      "    loss: [squared, logistic]\n");
  ASSERT_EQ(grid.axes.size(), 4u);
  EXPECT_EQ(grid.axes[0].paths[0], "seed");
  EXPECT_EQ(grid.axes[1].paths[0], "loss");
  EXPECT_EQ(grid.axes[2].paths, (std::vector<std::string>{"task.dim", "model.key_dim"}));
  EXPECT_EQ(grid.axes[3].paths[0], "model.layers");
  EXPECT_EQ(grid.axes[2].values[1][1], 16);
  EXPECT_EQ(grid.axes[2].marks[1][1], (Mark{4, 48}));
  EXPECT_EQ(grid.axes[1].path_marks[0], (Mark{8, 5}));
}

TEST(Sweep, ShortWordsInTheTrialCanBeSweptBeneath) {
  good(
      "trial: {optimizer: {learning_rate: 0.1, schedule: cosine}, model: {init: zeros, head: "
      "none}}\n"
      "sweep:\n  grid:\n    optimizer.learning_rate.W_Q: [1, 2]\n    optimizer.schedule.warm_up: "
      "[1, 2]\n"
      "    model.init.layer0.W_Q.normal: [0.1, 0.2]\n    model.head.hidden: [4, 8]\n");
}

TEST(Overrides, SetAnyKeyOfTheFileThereOrNot) {
  const std::string text =
      "name: a\ntrial: {optimizer: {learning_rate: 0.5}}\nsweep: {grid: {seed: [1, 2]}}\n";
  const Grid grid =
      good(text, {"optimizer.learning_rate=1e-3", "model.attention.kernel.plugin=gaussian",
                  "task.samples=12", "sweep.grid.seed={range: [0, 7]}", "name=b-2",
                  "description=a line, with = in it", "claims=[two_phases]",
                  "model.init.layer0.W_Q=zeros", "sweep.grid.task.dim=[8, 9]"});
  EXPECT_EQ(grid.trial["optimizer"]["learning_rate"], 0.001);
  EXPECT_EQ(grid.trial["model"]["attention"]["kernel"]["plugin"], "gaussian");
  EXPECT_EQ(grid.trial["task"]["samples"], 12);
  EXPECT_EQ(grid.trial["model"]["init"]["layer0.W_Q"], "zeros");
  ASSERT_EQ(grid.axes.size(), 2u);
  EXPECT_EQ(grid.axes[0].values.size(), 7u);
  EXPECT_EQ(grid.axes[1].paths[0], "task.dim");
  EXPECT_EQ(grid.name, "b-2");
  EXPECT_EQ(grid.claims, std::vector<std::string>{"two_phases"});
  EXPECT_EQ(grid.text, text);
}

TEST(Overrides, TheLastOneWins) {
  EXPECT_EQ(good("trial: {}\n", {"seed=3", "seed=4"}).trial["seed"], 4);
  EXPECT_EQ(good("trial: {optimizer: {schedule: cosine}}\n", {"optimizer.schedule.warm_up=4"})
                .trial["optimizer"]["schedule"],
            (Settings{{"shape", "cosine"}, {"warm_up", 4}}));
  EXPECT_EQ(good("trial: {model: {init: {values: [[1]]}}}\n", {"model.init=kaiming"})
                .trial["model"]["init"],
            "kaiming");
  EXPECT_TRUE(good("trial: {}\nsweep: {grid: {seed: [1, 2]}}\n", {"sweep={}"}).axes.empty());
}

TEST(Yaml, AliasesAndMergesAreExpanded) {
  const Grid grid = good(
      "trial:\n"
      "  optimizer: &base {plugin: adam, learning_rate: 0.1}\n"
      "  model: {init: {W_Q: &s {normal: 0.5}, W_K: *s}}\n"
      "sweep:\n"
      "  grid:\n"
      "    seed: &seeds [1, 2]\n"
      "    task.dim: &dims [8, 9]\n");
  EXPECT_EQ(grid.trial["model"]["init"]["W_K"]["normal"], 0.5);
  const Grid merged = good(
      "trial:\n"
      "  task: {samples: &n 12}\n"
      "  training: &t {steps: 5, batch: *n}\n"
      "sweep: {grid: {training: [{<<: *t, steps: 7}, {steps: 8, <<: [*t, {precision: "
      "float32}]}]}}\n");
  EXPECT_EQ(merged.axes[0].values[0][0].dump(), R"({"batch":12,"steps":7})");
  EXPECT_EQ(merged.axes[0].values[1][0].dump(), R"({"batch":12,"precision":"float32","steps":8})");
  EXPECT_NE(test::mistakes_of("trial: {<<: 3}\n").find("<< wants a mapping"), std::string::npos);
}

TEST(Yaml, OddButRightFilesAreRead) {
  EXPECT_EQ(good("\xEF\xBB\xBFname: a\r\ntrial: {seed: 3}\r\n").trial["seed"], 3);
  EXPECT_EQ(good("%YAML 1.2\n---\ntrial: {seed: 3}\n...\n").trial["seed"], 3);
  EXPECT_EQ(good("trial: {seed: !!int 3, loss: !!str squared}").trial["loss"], "squared");
  EXPECT_EQ(good("name: 010\ntrial:\n").name, "010");
  EXPECT_EQ(good("trial: {}\ndescription: \"Schr\xC3\xB6"
                 "dinger\"\n")
                .description,
            "Schr\xC3\xB6"
            "dinger");
  EXPECT_EQ(good("trial: {}\ndescription: |\n  two\n  lines\n").description, "two\nlines\n");
  EXPECT_EQ(good("trial: {}\nsweep:\n").axes.size(), 0u);
  EXPECT_EQ(good("trial: {}\n").name, "g");
}

TEST(Yaml, LimitsStopBombs) {
  std::string laughs = "trial: {}\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n";
  for (int i = 1; i < 10; ++i) {
    laughs += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) laughs += (k ? ", *x" : "*x") + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_NE(test::mistakes_of(laughs).find("more than 100000 values once its aliases are expanded"),
            std::string::npos);
  EXPECT_NE(test::mistakes_of("trial: " + std::string(150, '[') + std::string(150, ']') + "\n")
                .find("more than 100 levels deep"),
            std::string::npos);
  EXPECT_NE(test::mistakes_of("trial: " + std::string(100000, '{')).find("not"), std::string::npos);
  std::string chain = "a0: &a0 [1]\n";
  for (int i = 1; i < 200; ++i)
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
             "]\n";
  EXPECT_NE(test::mistakes_of(chain).find("levels deep"), std::string::npos);
  EXPECT_NE(test::mistakes_of(std::string((16 << 20) + 1, '#')).find(":1:1: the file is larger than 16 MiB"),
            std::string::npos);
}

TEST(ReadGrid, KnowsTheFolderOfTheFile) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("grid_test_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "My Grid.yaml") << "trial: {seed: 4}\n";
  const Result<Grid> grid =
      read_grid(folder / "." / "My Grid.yaml", {}, test::small_catalogue(), {});
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->folder, folder);
  EXPECT_EQ(grid->name, "my-grid");
  EXPECT_EQ(grid->text, "trial: {seed: 4}\n");
}

}  // namespace
}  // namespace attnlab

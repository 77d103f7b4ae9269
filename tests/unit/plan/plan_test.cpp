// plan_test.cpp: which trials a grid spans, in which order, and who they are.
#include "plan/plan.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <set>

#include "plan/order.hpp"
#include "unit/grid/small_catalogue.hpp"

namespace attnlab {
namespace {

Result<Plan> plan_of(const std::string& text) {
  const Result<Grid> grid = test::read(text);
  if (!grid) return grid.errors();
  return Plan::make(*grid, test::small_catalogue());
}

Plan good(const std::string& text) {
  Result<Plan> plan = plan_of(text);
  if (!plan) {
    for (const Error& error : plan.errors()) ADD_FAILURE() << sentence(error) << "\n" << text;
    std::abort();
  }
  return *plan;
}

std::string list(const Plan& plan) {
  std::string text;
  for (Index i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(plan.trial(i).number, i);
    text += (i == 0 ? "" : " ") + Settings(plan.trial(i).swept).dump();
  }
  return text;
}

TEST(Plan, WithoutASweepIsOneTrial) {
  const Plan plan = good("trial: {}\n");
  EXPECT_EQ(plan.size(), 1);
  EXPECT_TRUE(plan.swept_paths().empty());
  EXPECT_EQ(plan.settings(0)["training"]["steps"], 1000);
}

TEST(Plan, GridAxesFirstKeySlowestThenZipEntriesTheLastFastest) {
  const Plan plan = good(
      "trial: {}\nsweep:\n"
      "  zip:\n    - {task.dim: [8, 9], model.dim: [2, 4]}\n    - {model.layers: [1, 2]}\n"
      "  grid: {seed: [5, 4], loss: [squared]}\n");
  EXPECT_EQ(plan.swept_paths(),
            (std::vector<std::string>{"seed", "loss", "task.dim", "model.dim", "model.layers"}));
  EXPECT_EQ(list(plan),
            R"([5,"squared",8,2,1] [5,"squared",8,2,2] [5,"squared",9,4,1] [5,"squared",9,4,2] )"
            R"([4,"squared",8,2,1] [4,"squared",8,2,2] [4,"squared",9,4,1] [4,"squared",9,4,2])");
  const Settings settings = plan.settings(6);
  EXPECT_EQ(settings["seed"], 4);
  EXPECT_EQ(settings["task"]["dim"], 9);
  EXPECT_EQ(settings["model"]["dim"], 4);
  EXPECT_EQ(settings["model"]["layers"], 1);
}

TEST(Plan, ExclusionsTakeTrialsOutAndNumbersCloseUp) {
  EXPECT_EQ(
      list(good("trial: {loss: squared}\nsweep:\n  grid: {seed: [1, 2, 3], task.dim: [8, 9]}\n"
                "  exclude:\n    - {seed: 2, task.dim: 8}\n    - {seed: 3.0}\n    - {seed: 1, "
                "loss: logistic}\n")),
      "[1,8] [1,9] [2,9]");
  EXPECT_EQ(list(good("trial: {}\nsweep:\n  grid: {model.attention.kernel: [{plugin: softmax}, "
                      "{plugin: linear}], seed: [1, 2]}\n"
                      "  exclude: [{model.attention.kernel.plugin: linear, seed: 2}]\n")),
            R"([{"plugin":"softmax"},1] [{"plugin":"softmax"},2] [{"plugin":"linear"},1])");
  EXPECT_EQ(
      list(good("trial: {}\nsweep:\n  grid: {optimizer.learning_rate: {logspace: [0.001, 1, 4]}}\n"
                "  exclude: [{optimizer.learning_rate: 0.1}]\n")),
      "[0.001] [0.01] [1.0]");
}

TEST(Plan, ExclusionsSeeThroughShortWords) {
  EXPECT_EQ(
      list(good(
          "trial: {}\nsweep: {grid: {model.attention.kernel: [softmax, linear], seed: [1, 2]}, "
          "exclude: [{model.attention.kernel.plugin: linear, seed: 2}]}\n")),
      R"(["softmax",1] ["softmax",2] ["linear",1])");
}

TEST(Plan, AnExclusionThatLeavesNothingIsAMistake) {
  const Result<Plan> plan =
      plan_of("trial: {}\nsweep: {grid: {seed: [1]}, exclude: [{seed: 1}]}\n");
  ASSERT_FALSE(plan);
  EXPECT_EQ(sentence(plan.errors()[0]), "g.yaml:2:45: the exclusions leave no trial; exclude less");
}

TEST(Plan, EqualTrialsAreAMistakeThatNamesBoth) {
  const auto mistake = [](const std::string& text) {
    const Result<Plan> plan = plan_of(text);
    return plan ? std::string() : sentence(plan.errors().at(0));
  };
  EXPECT_EQ(mistake("trial: {}\nsweep: {grid: {seed: [1, 2, 1]}}\n"),
            "g.yaml:2:29: the trials {seed: 1} (g.yaml:2:23) and {seed: 1} are one and the same; "
            "take one of the values away, or exclude it");
  EXPECT_EQ(mistake("trial: {}\nsweep: {grid: {optimizer.learning_rate: [1, 1.0]}}\n"),
            "g.yaml:2:45: the trials {optimizer.learning_rate: 1} (g.yaml:2:42) and "
            "{optimizer.learning_rate: 1.0} are one and the same; "
            "take one of the values away, or exclude it");
  EXPECT_NE(mistake("trial: {}\nsweep: {grid: {model.dim: [64], model.key_dim: [null, 64]}}\n"),
            "");
  const Result<Plan> many =
      plan_of("trial: {}\nsweep: {grid: {seed: {range: [0, 50]}, loss: [squared, squared]}}\n");
  ASSERT_FALSE(many);
  EXPECT_EQ(many.errors().size(), 1u) << "one pair of places is told once";
  EXPECT_EQ(
      mistake(
          "trial: {}\nsweep: {grid: {seed: [1, 1.0], loss: [squared]}, exclude: [{seed: 1}]}\n"),
      "g.yaml:2:67: the exclusions leave no trial; exclude less");
}

TEST(Plan, IdsAreTheHashOfTheCompleteSettingsAndOfNothingElse) {
  const Plan plan = good(
      "name: a\ntrial: {loss: squared}\nsweep: {grid: {seed: [1, 2], "
      "model.attention.kernel.plugin: [softmax, cosine]}}\n");
  for (Index i = 0; i < plan.size(); ++i) EXPECT_EQ(plan.trial(i).id, id_of(plan.settings(i))) << i;
  const Plan other = good(
      "name: b\ndescription: x\n"
      "sweep: {grid: {model.attention.kernel.plugin: [linear, cosine, softmax], seed: [0, 2, 1], "
      "task.dim: [64]}}\n"
      "trial: {training: {steps: 1e3}, loss: squared}\n");
  std::set<TrialId> ids;
  for (Index i = 0; i < other.size(); ++i) ids.insert(other.trial(i).id);
  EXPECT_EQ(ids.size(), 9u);
  for (Index i = 0; i < plan.size(); ++i) EXPECT_TRUE(ids.contains(plan.trial(i).id)) << i;
}

TEST(Plan, OfAWrongGridFailsWithItsMistakes) {
  Grid grid;
  grid.file = "g.yaml";
  grid.trial = {{"seed", -1}, {"colour", 3}};
  const Result<Plan> plan = Plan::make(grid, test::small_catalogue());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.errors().size(), 2u);
}

TEST(Order, WaitingIsThePlanWithoutTheFinishedTrials) {
  const Plan plan = good("trial: {}\nsweep: {grid: {seed: {range: [0, 6]}}}\n");
  const std::vector<TrialId> finished{plan.trial(4).id, plan.trial(0).id, TrialId{17}};
  EXPECT_EQ(waiting(plan, finished), (std::vector<Index>{1, 2, 3, 5}));
  EXPECT_EQ(waiting(plan, {}).size(), 6u);
}

TEST(Order, CostliestComeFirstAndTiesKeepTheirOrder) {
  std::vector<Estimate> estimates(5);
  const std::vector<double> flops{1, 5, 1, 9, 5};
  for (std::size_t i = 0; i < 5; ++i) estimates[i].flops = flops[i];
  EXPECT_EQ(costliest_first({0, 1, 2, 3, 4}, estimates), (std::vector<Index>{3, 1, 4, 0, 2}));
  EXPECT_EQ(costliest_first({4, 2}, estimates), (std::vector<Index>{4, 2}));
}

void time_plan(const std::string& what, const std::string& sweep) {
  const auto seconds_since = [](auto start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const auto start = std::chrono::steady_clock::now();
  Result<Grid> grid = test::read("trial: {model: {dim: 64}}\nsweep: {grid: {" + sweep + "}}\n");
  ASSERT_TRUE(grid);
  const double reading = seconds_since(start);
  const auto then = std::chrono::steady_clock::now();
  const Result<Plan> plan = Plan::make(std::move(*grid), test::small_catalogue());
  const double planning = seconds_since(then);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->size(), 100000);
  EXPECT_EQ(plan->trial(99999).id, id_of(plan->settings(99999)));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%-32s 100000 trials: read %.2f s, plan %.2f s, peak %ld MiB\n", what.c_str(),
              reading, planning, usage.ru_maxrss / 1024);
}

TEST(Plan, OfAHundredThousandTrialsIsQuick) {
  time_plan("seeds", "seed: {range: [0, 100000]}");
  time_plan("seeds x rates x kernels",
            "model.attention.kernel.plugin: [softmax, gaussian], optimizer.learning_rate: "
            "{logspace: [1e-4, 1, 50]}, "
            "seed: {range: [0, 1000]}");
  time_plan("two axes of one part",
            "model.dropout: {linspace: [0, 0.5, 1000]}, model.layers: {range: [1, 101]}");
}

}  // namespace
}  // namespace attnlab

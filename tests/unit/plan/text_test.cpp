// text_test.cpp: a plan as table, CSV and JSON.
#include "plan/text.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/number_text.hpp"
#include "unit/grid/small_catalogue.hpp"

namespace attnlab {
namespace {

Plan two_trials() {
  const Result<Grid> grid = test::read(
      "name: a\ntrial: {}\nsweep: {zip: [{loss: [squared, logistic], model.train: [all, [W_Q, "
      "W_K]]}]}\n");
  return *Plan::make(*grid, test::small_catalogue());
}

std::vector<Estimate> two_estimates() { return {{10, 2e9, 4096, 100}, {20, 3e9, 1024, 200}}; }

std::string written(PlanFormat format, const std::vector<Estimate>& estimates) {
  std::ostringstream out;
  write_plan(out, two_trials(), estimates, format);
  return out.str();
}

TEST(PlanText, TableIsAlignedAndEndsWithTheTotals) {
  const Plan plan = two_trials();
  EXPECT_EQ(
      written(PlanFormat::table, two_estimates()),
      "number  id                loss      model.train    parameters  flops  memory  results\n"
      "0       " +
          to_string(plan.trial(0).id) +
          "  squared   all            10          2G     4 KiB   100 B\n"
          "1       " +
          to_string(plan.trial(1).id) +
          "  logistic  [\"W_Q\",\"W_K\"]  20          3G     1 KiB   200 B\n"
          "\na: 2 trials, 5G flops, at most 4 KiB of memory for one trial, 300 B of results\n");
}

TEST(PlanText, CsvQuotesWhatNeedsIt) {
  const Plan plan = two_trials();
  EXPECT_EQ(written(PlanFormat::csv, two_estimates()),
            "number,id,loss,model.train,parameters,flops,working_bytes,result_bytes\n"
            "0," +
                to_string(plan.trial(0).id) +
                ",squared,all,10,2000000000.0,4096.0,100.0\n"
                "1," +
                to_string(plan.trial(1).id) +
                ",logistic,\"[\"\"W_Q\"\",\"\"W_K\"\"]\",20,3000000000.0,1024.0,200.0\n");
  EXPECT_EQ(written(PlanFormat::csv, {}).substr(0, 27), "number,id,loss,model.train\n");
}

TEST(PlanText, JsonHoldsEverySettingOfEveryTrial) {
  const Settings json = Settings::parse(written(PlanFormat::json, two_estimates()));
  EXPECT_EQ(json["name"], "a");
  EXPECT_EQ(json["n_trials"], 2);
  EXPECT_EQ(json["totals"]["flops"], 5e9);
  EXPECT_EQ(json["totals"]["largest_working_bytes"], 4096.0);
  ASSERT_EQ(json["trials"].size(), 2u);
  const Plan plan = two_trials();
  EXPECT_EQ(json["trials"][1]["settings"], plan.settings(1));
  EXPECT_EQ(json["trials"][1]["swept"]["model.train"], (Settings{"W_Q", "W_K"}));
  EXPECT_EQ(json["trials"][1]["id"], to_string(id_of(json["trials"][1]["settings"])));
  EXPECT_EQ(json["trials"][0]["parameters"], 10);
  EXPECT_FALSE(Settings::parse(written(PlanFormat::json, {})).contains("totals"));
}

TEST(PlanText, FormatsHaveNames) {
  EXPECT_EQ(*plan_format("csv"), PlanFormat::csv);
  EXPECT_EQ(sentence(plan_format("jason").errors()[0]),
            "--format: there is no format 'jason'; did you mean 'json'?");
}

TEST(NumberText, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1234), "1.23k");
  EXPECT_EQ(count_text(999999), "1M");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(3.0 * 1024 * 1024 * 1024), "3 GiB");
}

}  // namespace
}  // namespace attnlab

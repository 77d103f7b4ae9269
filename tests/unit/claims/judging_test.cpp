// judging_test.cpp: findings for each trial and each group, and a claim that can come out both
// ways.
#include "claims/judging.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "claims/records_of_trial.hpp"

namespace attnlab {
namespace {

RecordsOfTrial trial(Index number, std::vector<double> loss, Settings settings = Settings::object(),
                     bool done = true) {
  Records records;
  std::vector<std::int64_t> steps;
  for (std::size_t s = 0; s < loss.size(); ++s) steps.push_back(static_cast<std::int64_t>(10 * s));
  records.axes.push_back({"record", steps, "step", "1"});
  records.series.push_back({"loss", {"record"}, std::move(loss), "loss", "1"});
  return {number, std::move(settings), std::move(records), done};
}

Finding judged(const char* claim, const RecordsOfTrial& one) {
  const std::vector<std::string> names{claim};
  const auto findings = judge_claims(names, {&one});
  EXPECT_TRUE(findings);
  EXPECT_EQ(findings->size(), 1u);
  return findings->front().finding;
}

TEST(Claims, MonotoneLossHoldsAndFails) {
  EXPECT_TRUE(judged("monotone_loss", trial(0, {3, 2, 1})).holds);
  const Finding rises = judged("monotone_loss", trial(0, {3, 2, 2.5, 1}));
  EXPECT_FALSE(rises.holds);
  EXPECT_NEAR(rises.measured, 0.25, 1e-15);
  EXPECT_NE(rises.sentence.find("step 20"), std::string::npos) << rises.sentence;
}

TEST(Claims, WhatCannotBeMeasuredDoesNotHold) {
  const Finding diverged = judged("monotone_loss", trial(4, {3, 2}, {}, false));
  EXPECT_FALSE(diverged.holds);
  EXPECT_TRUE(std::isnan(diverged.measured));
  EXPECT_EQ(diverged.trials, "trial 4");
  Records nothing;
  const Finding bare = judged("monotone_loss", RecordsOfTrial(1, {}, nothing));
  EXPECT_NE(bare.sentence.find("loss was not recorded"), std::string::npos) << bare.sentence;
}

TEST(Claims, AnUnknownNameIsAnErrorWithTheNearest) {
  const std::vector<std::string> names{"monoton_loss"};
  const auto one = trial(0, {1});
  const auto findings = judge_claims(names, {&one});
  ASSERT_FALSE(findings);
  EXPECT_NE(sentence(findings.errors().front()).find("did you mean 'monotone_loss'"),
            std::string::npos);
}

TEST(Claims, GroupsDifferInTheirSeedsOnly) {
  const auto settings = [](int seed, double rate) {
    return Settings{{"seed", seed}, {"optimizer", {{"learning_rate", rate}}}};
  };
  const auto a = trial(0, {1}, settings(1, 0.1)), b = trial(1, {1}, settings(2, 0.1)),
             c = trial(2, {1}, settings(1, 0.2)), d = trial(3, {1}, settings(2, 0.2));
  const auto by_seed = groups_that_differ_in({&a, &b, &c, &d}, {"seed"});
  ASSERT_EQ(by_seed.size(), 2u);
  EXPECT_EQ(trials_text(by_seed[0]), "trials 0-1");
  EXPECT_EQ(trials_text(by_seed[1]), "trials 2-3");
  const auto by_rate = groups_that_differ_in({&a, &b, &c, &d}, {"optimizer.learning_rate"});
  ASSERT_EQ(by_rate.size(), 2u);
  EXPECT_EQ(trials_text(by_rate[0]), "trials 0, 2");
}

TEST(Claims, EveryClaimHasANameASourceAndAStatement) {
  std::vector<std::string> seen;
  for (const Claim& claim : all_claims()) {
    EXPECT_FALSE(claim.name.empty() || claim.source.empty() || claim.statement.empty() ||
                 claim.formula.empty());
    EXPECT_EQ(claim.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string::npos)
        << claim.name;
    for (const std::string& other : seen) EXPECT_NE(claim.name, other);
    seen.push_back(claim.name);
  }
}

}  // namespace
}  // namespace attnlab

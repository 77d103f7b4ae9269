// wikitext_test.cpp: the claims of Tian et al. 2023 on real text on courses made by hand, each
// where it holds and where it must not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "claims/claim_list.hpp"
#include "claims/records_of_trial.hpp"

namespace attnlab {
namespace {

struct Course {
  std::vector<double> entropy;     // of the lowest layer, record s after 100 s updates
  std::vector<double> first_keys;  // weight of key 0 in each record, key 1 has the rest
  std::vector<double> distinctness;
  double rate = 5;
  int layers = 1, seed = 1;
  const char* mask = "causal";
};

struct Case {
  const char* claim;
  std::vector<Course> holds, fails;
};

// Two heads whose entropies differ, so that their mean counts; layers above have entropy 9. A
// record every 100 updates.
RecordsOfTrial trial_of(Index number, const Course& course) {
  Records records;
  std::vector<std::int64_t> steps;
  std::vector<double> entropy, moved;
  const std::size_t n =
      std::max({course.entropy.size(), course.first_keys.size(), course.distinctness.size()});
  for (std::size_t s = 0; s < n; ++s) steps.push_back(static_cast<std::int64_t>(100 * s));
  for (const double nats : course.entropy) {
    for (int l = 0; l < course.layers; ++l) {
      entropy.push_back(l > 0 ? 9 : nats - 0.1);
      entropy.push_back(l > 0 ? 9 : nats + 0.1);
    }
  }
  for (std::size_t s = 0; s < course.first_keys.size(); ++s)
    moved.push_back(s > 0 ? 2 * std::abs(course.first_keys[s] - course.first_keys[s - 1]) : NAN);
  const auto places = [](int n_places) {
    return std::vector<std::int64_t>(static_cast<std::size_t>(n_places));
  };
  records.axes = {{"record", steps, "step", "1"},
                  {"layer", places(course.layers), "", "1"},
                  {"head", places(2), "", "1"}};
  const std::vector<std::string> one{"record"};
  if (!entropy.empty())
    records.series.push_back({"validation_entropy", {"record", "layer", "head"}, entropy, "", "1"});
  if (!moved.empty()) records.series.push_back({"validation_attention_moved", one, moved, "", "1"});
  if (!course.distinctness.empty())
    records.series.push_back({"attention_distinctness", one, course.distinctness, "", "1"});
  return {number,
          Settings{{"seed", course.seed},
                   {"task", {{"sequence_length", 35}}},
                   {"model", {{"layers", course.layers}, {"attention", {{"mask", course.mask}}}}},
                   {"optimizer", {{"learning_rate", course.rate}}}},
          std::move(records)};
}

std::vector<ClaimFinding> judged(const char* claim, const std::vector<Course>& courses) {
  std::vector<RecordsOfTrial> made;
  for (const Course& course : courses) made.push_back(trial_of(std::ssize(made), course));
  Trials trials;
  for (const RecordsOfTrial& one : made) trials.push_back(&one);
  const auto findings = judge_claims(std::vector<std::string>{claim}, trials);
  if (!findings || findings->empty()) throw std::runtime_error(std::string("no finding: ") + claim);
  return *findings;
}

bool all_hold(const char* claim, const std::vector<Course>& courses) {
  const auto findings = judged(claim, courses);
  // A control must fail by its numbers, not because something was not recorded.
  for (const auto& [_, finding] : findings)
    EXPECT_FALSE(std::isnan(finding.measured)) << claim << ": " << finding.sentence;
  return std::ranges::all_of(findings, [](const ClaimFinding& f) { return f.finding.holds; });
}

Course entropy(std::vector<double> values, double rate = 5, int seed = 1) {
  return {std::move(values), {}, {}, rate, 1, seed};
}
Course deep(Course course) {
  course.layers = 3;
  return course;
}
Course maps(std::vector<double> first_keys) { return {{}, std::move(first_keys), {}}; }
Course turning(std::vector<double> distinctness) { return {{}, {}, std::move(distinctness)}; }
// A rate's final entropies, of two seeds.
std::vector<Course> rates(const std::vector<double>& ends) {
  std::vector<Course> out;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto rate = static_cast<double>(i + 1);
    out.push_back(entropy({2.5, ends[i] - 0.2}, rate, 1));
    out.push_back(entropy({2.5, ends[i] + 0.2}, rate, 2));
  }
  return out;
}

const std::vector<Case>& cases() {
  static const Course sparse = entropy({2.5, 1.4}), dense = entropy({2.5, 1.6}),
                      snaps = maps({0.5, 0.6, 1, 1, 0.95}),  // moves by .1 .4 0 .05 per key
      drifts = maps({0.5, 0.6, 1, 0.95, 0.8}), wakes = maps({0.5, 1, 1, 1, 0.8});
  static const std::vector<Case> all{
      {"wikitext_uniform_start", {sparse, deep(sparse)}, {entropy({2.2, 1})}},  // a trained start
      {"wikitext_uniform_start", {entropy({2.3, 1})}, {entropy({2.7, 1})}},     // more than uniform
      {"wikitext_entropy_falls", {sparse}, {dense}},
      {"wikitext_entropy_falls",
       {sparse, entropy({2.5, 2.4}, 1)},
       {entropy({2.5, 2.5})}},  // frozen
      {"wikitext_freezes", {snaps}, {drifts}},
      {"wikitext_freezes", {snaps}, {wakes}},
      {"wikitext_lowest_layer_falls", {deep(sparse)}, {deep(dense)}},
      {"wikitext_lowest_layer_freezes", {deep(snaps)}, {deep(drifts)}},
      {"wikitext_distinct_attended",
       {turning({0.02, 0.01, 0.1, 0.2, 0.25}), deep(turning({-0.1, 0, 0.1, 0.2, 0.3}))},
       {turning({0.2, 0.1, 0.3, 0.1, 0.2})}},  // to and fro
      {"wikitext_distinct_attended", {turning({0, 1, 2, 3, 4})}, {turning({4, 3, 2, 1, 0})}},
      {"wikitext_sparser_with_rate", rates({2, 1.5, 1.6, 1, 0.5}), rates({2, 1.6, 1.7, 1.8, 0.5})}};
  return all;
}

TEST(Wikitext, EveryClaimHoldsOnItsCourseAndFailsOnItsControl) {
  for (const Case& one : cases()) {
    EXPECT_TRUE(all_hold(one.claim, one.holds)) << one.claim;
    EXPECT_FALSE(all_hold(one.claim, one.fails)) << one.claim;
  }
}

TEST(Wikitext, NoClaimIsWithoutAControl) {
  for (const Claim& claim : wikitext_claims())
    EXPECT_NE(std::ranges::find(cases(), claim.name, &Case::claim), cases().end())
        << claim.name << " needs a line in `cases`";
}

TEST(Wikitext, UniformCausalAttentionOver35WordsHas26325Nats) {
  const auto found = judged("wikitext_uniform_start", {entropy({2.6325, 1})});
  EXPECT_NEAR(found.front().finding.measured, 1, 2e-5);
}

TEST(Wikitext, WhatIsMissingIsSaid) {
  const auto says = [](const char* claim, const std::vector<Course>& courses, const char* words) {
    const Finding found = judged(claim, courses).front().finding;
    EXPECT_TRUE(std::isnan(found.measured)) << claim;
    EXPECT_FALSE(found.holds) << claim;
    EXPECT_NE(found.sentence.find(words), std::string::npos) << found.sentence;
  };
  const Course nothing{}, slow = entropy({2.5, 1}, 1);
  says("wikitext_uniform_start", {nothing}, "validation_entropy was not recorded");
  says("wikitext_entropy_falls", {slow}, "no trial has one layer and the learning rate 5");
  says("wikitext_lowest_layer_falls", {entropy({2.5, 1})}, "no trial has several layers");
  says("wikitext_freezes", {entropy({2.5, 1})}, "validation_attention_moved was not recorded");
  says("wikitext_freezes", {maps({0.5, 1, 1})}, "three records");
  says("wikitext_distinct_attended", {turning({0.1, 0.2, 0.3, 0.4})}, "four later ones");
  says("wikitext_distinct_attended", {turning({0, 0, 0, 0, 0})}, "never correlates");
  says("wikitext_distinct_attended", {slow}, "attention_distinctness was not recorded");
  says("wikitext_freezes", {maps({0.5, 0.5, 0.5, 0.5})}, "never moves");
  says("wikitext_sparser_with_rate", {slow, entropy({2.5, 1}, 2)}, "there are 2");
  says("wikitext_sparser_with_rate", {nothing}, "there are 0");
  Course exclusive = slow;
  exclusive.mask = "causal_exclusive";
  says("wikitext_uniform_start", {exclusive}, "causal or none");
}

}  // namespace
}  // namespace attnlab

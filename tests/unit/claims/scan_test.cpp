// scan_test.cpp: the claims of Tian et al. 2023 on rates, laws and the snap on courses made by
// hand, each where it holds and where it must not. Those on signs and orders:
// scan_snap_claims_story.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "claims/records_of_trial.hpp"
#include "claims/scan_snap.hpp"

namespace attnlab {
namespace {

using Of = std::function<double(double)>;  // of the time

// K classes with one common and one distinct token each.
struct Course {
  double rate_Y = 1, rate_Z = 1;
  int queries = 2, classes_a_query = 1;
  std::vector<double> times;
  Of winner = [](double) { return 0.5; }, error, B, Gamma, gain, speed,
     entropy = [](double) { return 1; };
  double top = 0.3;
  int seed = 1;

  double K() const { return queries * classes_a_query; }
  double M() const { return 1 + 2 * K() + queries; }
  double t0() const { return 2 * K() * std::log(M()) / rate_Y; }
};

std::vector<double> even(double end, int n) {
  std::vector<double> out;
  for (int i = 0; i <= n; ++i) out.push_back(end * i / n);
  return out;
}

std::vector<double> even_in_log(double first, double end, int n) {
  std::vector<double> out{0};
  for (int i = 0; i <= n; ++i) out.push_back(first * std::pow(end / first, double(i) / n));
  return out;
}

// From 0 to 1, fastest at `at`.
double rise(double t, double at) { return 1 / (1 + std::exp(10 - 10 * t / at)); }

RecordsOfTrial trial_of(Index number, const Course& course) {
  Records records;
  const auto n = course.times.size();
  const auto K = static_cast<std::size_t>(course.K());
  std::vector<std::int64_t> steps, classes(K);
  std::vector<double> c, z, common, entropy, top;
  for (std::size_t s = 0; s < n; ++s) {
    const double t = course.times[s], x = course.winner(t);
    steps.push_back(static_cast<std::int64_t>(s));
    for (std::size_t k = 0; k < K; ++k) {
      c.insert(c.end(), {1 - x, x});
      z.insert(z.end(), {0, 0});
      common.push_back(1 - x);
      entropy.push_back(course.entropy(t));
      top.push_back(course.top);
    }
  }
  records.axes = {{"record", steps, "step", "1"},
                  {"class", classes, "", "1"},
                  {"class_token", std::vector<std::int64_t>{0, 1}, "", "1"}};
  const std::vector<std::string> one{"record"}, by_class{"record", "class"};
  records.series = {{"time", one, course.times, "", "1"},
                    {"class_attention", {"record", "class", "class_token"}, c, "", "1"},
                    {"class_logit", {"record", "class", "class_token"}, z, "", "1"},
                    {"common_mass", by_class, common, "", "1"},
                    {"distinct_entropy", by_class, entropy, "", "1"},
                    {"attention_top", by_class, top, "", "1"}};
  const auto put = [&](const char* name, const Of& of, bool of_class) {
    if (!of) return;
    std::vector<double> values;
    for (const double t : course.times) values.insert(values.end(), of_class ? K : 1, of(t));
    records.series.push_back({name, of_class ? by_class : one, values, "", "1"});
  };
  put("decoder_error", course.error, true);
  put("scan_B", course.B, true);
  put("scan_Gamma", course.Gamma, false);
  put("decoder_gain", course.gain, false);
  if (course.speed) {
    std::vector<double> speeds;  // of the common token and of the winner
    for (const double t : course.times)
      for (std::size_t k = 0; k < K; ++k) speeds.insert(speeds.end(), {0, course.speed(t)});
    records.series.push_back(
        {"class_logit_speed", {"record", "class", "class_token"}, speeds, "", "1"});
  }
  return {number,
          Settings{{"seed", course.seed},
                   {"task",
                    {{"num_last", course.queries},
                     {"num_next_per_last", course.classes_a_query},
                     {"num_common", 1},
                     {"num_common_per_last", 0},
                     {"num_unique_per_next", 1},
                     {"population", true}}},
                   {"model", {{"parameterization", "yz"}}},
                   {"optimizer",
                    {{"plugin", "gradient_flow"},
                     {"end_time", course.times.back()},
                     {"learning_rate", {{"Y", course.rate_Y}, {"Z", course.rate_Z}}}}}},
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

// A course a rate, made by change(course).
std::vector<Course> rates(const std::vector<double>& of_Y, bool equal_ratio,
                          const std::function<void(Course&)>& change) {
  std::vector<Course> out;
  for (const double rate : of_Y) {
    Course& one = out.emplace_back();
    one.rate_Y = rate;
    if (equal_ratio) one.rate_Z = rate;
    one.times = even(20, 2000);
    change(one);
  }
  return out;
}

Course law(int classes_a_query, double counted) {  // B = 1/(4 q) ln(1 + 4 q Gamma / 3), q = counted
  Course one;
  one.queries = 1;
  one.classes_a_query = classes_a_query;
  one.times = even_in_log(1e-4, 1e5, 300);
  one.Gamma = [](double t) { return t; };
  one.B = [=](double t) { return std::log1p(4 * counted * t / 3) / (4 * counted); };
  return one;
}

Course grows(const std::function<double(double ln_t)>& B) {
  Course one;
  one.times = even_in_log(1, 1e6, 300);
  one.B = [=, M = one.M(), K = one.K()](double t) { return t > 0 ? B(std::log(M * t / K)) : 0.0; };
  one.Gamma = [](double t) { return t; };  // C0 is of order 1: far in the regime of ln ln
  return one;
}

// gamma with its peak at `share` t0, `start` and `tail` times the laws of its ends; B with sign.
Course gain_with_peak_at(double share, double tail, double start = 1, double sign = 1) {
  Course one;
  one.times = even_in_log(0.01, 1e4, 2000);
  const double peak = share * one.t0();
  one.gain = [=, M = one.M(), K = one.K(), t0 = one.t0()](double t) {
    if (t >= 30 * t0) return tail * K * std::log(M * t / K) / t;
    if (t <= 0.02 * t0) return start * t / K;
    return 100 * (t <= peak ? t / peak : peak / t);
  };
  one.B = [=](double t) { return sign * std::log1p(t); };
  return one;
}

// dz/dln t of the winner rises to 1 at t0 and ends at `late`.
Course creeping(double late) {
  Course one;
  one.times = even_in_log(0.01, 1e4, 500);
  one.speed = [=, t0 = one.t0()](double t) {
    return t <= 0 ? 0 : (t <= t0 ? t / t0 : t < 100 * t0 ? 1 : late) / t;
  };
  return one;
}

std::vector<Course> seeds(const std::vector<double>& tops) {
  std::vector<Course> out;
  for (const double top : tops) {
    Course& one = out.emplace_back();
    one.times = even(1, 2);
    one.top = top;
    one.seed = static_cast<int>(out.size());
  }
  return out;
}

struct Case {
  const char* claim;
  std::vector<Course> holds, fails;
};

const std::vector<Case>& cases() {
  const std::vector<double> three{1, 2, 4}, from_two{2, 4, 8};
  const auto winner_at = [](auto at) {
    return [=](Course& c) { c.winner = [when = at(c)](double t) { return rise(t, when); }; };
  };
  const auto error_at = [](auto at) {
    return [=](Course& c) { c.error = [when = at(c)](double t) { return 1 - rise(t, when); }; };
  };
  const auto of_rate = [](Of Course::*what, auto value) {
    return [=](Course& c) { c.*what = [x = value(c.rate_Y)](double) { return x; }; };
  };
  const auto scaled = [](double off) {
    return [=](Course& c) {
      c.times = even(20 / c.rate_Y, 200);
      c.winner = [=, rate = c.rate_Y](double t) { return rise(rate * t, 5) + off * rate; };
    };
  };
  const auto up = [](double x) { return x / 10; };
  const auto down = [](double x) { return 1 / x; };
  static const std::vector<Case> all{
      {"fastest_attention_time",
       rates(three, false, winner_at([](const Course& c) { return c.t0(); })),
       rates(three, false, winner_at([](const Course&) { return 5.0; }))},
      {"fastest_attention_time",
       rates(three, false, winner_at([](const Course& c) { return 2 * c.t0(); })),
       rates(three, false, winner_at([](const Course& c) { return 0.05 * c.t0(); }))},  // too early
      {"transition_time",
       rates(three, false, error_at([](const Course& c) { return 0.8 * c.t0(); })),
       rates(three, false, error_at([](const Course&) { return 5.0; }))},
      {"transition_time", rates(three, false, error_at([](const Course& c) { return c.t0(); })),
       rates(three, false, error_at([](const Course& c) { return 2 * c.t0(); }))},  // too late
      {"rate_symmetry", rates(three, true, scaled(0)), rates(three, true, scaled(1e-6))},
      {"winner_falls_with_decoder_rate", rates(three, false, of_rate(&Course::B, down)),
       rates(three, false, of_rate(&Course::B, up))},
      {"common_mass_rises_with_decoder_rate", rates(three, false, of_rate(&Course::winner, down)),
       rates(three, false, of_rate(&Course::winner, up))},
      {"entropy_falls_with_rates", rates(three, true, of_rate(&Course::entropy, down)),
       rates(three, true, of_rate(&Course::entropy, up))},
      {"entropy_rises_with_ratio", rates(from_two, false, of_rate(&Course::entropy, up)),
       rates(from_two, false, of_rate(&Course::entropy, down))},
      {"logarithm_law", {law(1, 1)}, {law(4, 4)}},
      {"shared_query_law", {law(4, 4), law(1, 1)}, {law(4, 1)}},
      {"double_log_growth",
       {grows([](double ln_t) { return 0.5 * std::log(ln_t); })},
       {grows([](double ln_t) { return 0.5 * ln_t; })}},
      {"logit_growth_fades", {creeping(0.1)}, {creeping(0.3)}},
      {"decoder_gain_peak", {gain_with_peak_at(0.43, 1.1)}, {gain_with_peak_at(0.8, 1.1)}},
      {"decoder_gain_peak", {gain_with_peak_at(0.43, 0.9)}, {gain_with_peak_at(0.43, 1.5)}},
      {"decoder_gain_peak", {gain_with_peak_at(0.40, 1)}, {gain_with_peak_at(0.47, 1)}},
      {"decoder_gain_peak", {gain_with_peak_at(0.46, 1)}, {gain_with_peak_at(0.43, 1, 2)}},
      {"decoder_gain_peak", {gain_with_peak_at(0.43, 1)}, {gain_with_peak_at(0.43, 1, 1, -1)}},
      {"never_one_hot", seeds({0.3, 0.5, 0.9}), seeds({0.3, 0.9, 0.9})},
      {"never_one_hot", seeds({0.3, 0.5, 0.9}), seeds({0.3, 0.3, 0.96})},
      {"never_one_hot", seeds({0.5, 0.65}), seeds({0.5, 0.75})}};  // the median lies between
  return all;
}

TEST(ScanSnap, EveryClaimHoldsOnItsCourseAndFailsOnItsControl) {
  for (const Case& one : cases()) {
    EXPECT_TRUE(all_hold(one.claim, one.holds)) << one.claim;
    EXPECT_FALSE(all_hold(one.claim, one.fails)) << one.claim;
  }
}

TEST(ScanSnap, NoClaimOnRatesIsWithoutAControl) {
  for (const Claim& claim : scan_rate_claims()) {
    EXPECT_TRUE(std::ranges::any_of(cases(), [&](const Case& one) {
      return claim.name == one.claim;
    })) << claim.name;
  }
}

TEST(ScanSnap, SymmetryAsksForTimesThatFallAsTheRatesRise) {
  const auto same_times = rates({1, 2}, true, [](Course& c) { c.times = even(20, 200); });
  const auto finding = judged("rate_symmetry", same_times).front().finding;
  EXPECT_FALSE(finding.holds);
  EXPECT_TRUE(std::isnan(finding.measured));
}

TEST(ScanSnap, GrowthOfALogitIsNotJudgedBeforeGammaIsLarge) {
  Course early = grows([](double ln_t) { return 0.5 * std::log(ln_t); });
  early.Gamma = [](double t) { return 1e-9 * t; };
  early.B = [](double t) { return 1e-9 * t; };  // C0 is about 1
  const Finding finding = judged("double_log_growth", {early}).front().finding;
  EXPECT_TRUE(std::isnan(finding.measured));
  EXPECT_NE(finding.sentence.find("it needs 5"), std::string::npos) << finding.sentence;
}

TEST(ScanSnap, TrialsOutsideTheAssumptionsAreNamed) {
  const auto says = [](const char* claim, const char* words, const Settings& patch) {
    Settings trial = Settings::parse(R"({
      "task": {"plugin": "token_classes", "num_last": 10, "num_next_per_last": 1, "num_common": 1,
               "num_common_per_last": 0, "num_unique_per_next": 40},
      "model": {"parameterization": "yz", "norm": "l2", "residual": false,
                "init": {"default": "zeros"}, "attention": {"kernel": {"plugin": "softmax"}}},
      "optimizer": {"plugin": "gradient_flow", "learning_rate": {"Y": 1.0, "Z": 1.0}}})");
    const auto outside = find_claim(claim)->outside;
    EXPECT_TRUE(outside(trial).empty()) << outside(trial).front();
    trial.merge_patch(patch);
    const auto found = outside(trial);
    ASSERT_EQ(found.size(), 1u) << claim << ": " << words;
    EXPECT_NE(found.front().find(words), std::string::npos) << found.front();
  };
  says("attention_freezes", "not normalised", {{"model", {{"norm", "none"}}}});
  says("scan_order", "attention is gaussian",
       {{"model", {{"attention", {{"kernel", {{"plugin", "gaussian"}}}}}}}});
  says("never_one_hot", "the optimizer is adam", {{"optimizer", {{"plugin", "adam"}}}});
  says("common_mass_rises_with_decoder_rate", "slower than attention",
       {{"optimizer", {{"learning_rate", {{"Y", 0.5}}}}}});
  says("frequency_order", "act as a prior", {{"model", {{"init", {{"default", "torch_linear"}}}}}});
  says("logarithm_law", "mass of 0.154", {{"task", {{"num_unique_per_next", 10}}}});
  says("double_log_growth", "3 common tokens",
       {{"task", {{"num_common", 3}, {"num_unique_per_next", 400}}}});
  says("uniform_start", "token_classes", {{"task", {{"plugin", "listops"}}}});
}

}  // namespace
}  // namespace attnlab

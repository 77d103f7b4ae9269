// optimizer_flow_test.cpp: gradient_flow on flows that are known exactly, its orders, invariants,
// output times, and what it says when a flow breaks off.
#include "contract/optimizer_course.hpp"

namespace attnlab::contract {
namespace {

Settings flow(Settings options = Settings::object()) {
  options["plugin"] = "gradient_flow";
  return options;
}

// l = sum c_i p_i^2 / 2, c_i = 1 + i: p_i(t) = p_i(0) exp(-c_i t).
template <class Number>
double bowl(const Number* p, Number* g) {
  double loss = 0;
  for (int i = 0; i < 3; ++i) {
    g[i] = static_cast<Number>((1.0 + i) * static_cast<double>(p[i]));
    loss += static_cast<double>(p[i] * g[i]) / 2;
  }
  return loss;
}

template <class Number = double>
Course<Number> in_bowl(const Settings& options, std::int64_t n_steps) {
  Course<Number> course(flow(options), {{"W_Q", 1, 1, 3}}, bowl<Number>, n_steps);
  for (Number& x : course.p) x = 1;
  return course;
}

// l = |V W - T|^2 / 2, V [3][4], W [4][2]: V^T V - W W^T stays what it is.
constexpr int rows = 3, inner = 4, columns = 2;
double product_loss(const double* p, double* g) {
  const double *v = p, *w = p + rows * inner;
  double *dv = g, *dw = g + rows * inner, loss = 0;
  for (int i = 0; i < rows * inner + inner * columns; ++i) g[i] = 0;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      double error = i == j ? -2.0 : 0.5;
      for (int k = 0; k < inner; ++k) error += v[i * inner + k] * w[k * columns + j];
      loss += error * error / 2;
      for (int k = 0; k < inner; ++k) {
        dv[i * inner + k] += error * w[k * columns + j];
        dw[k * columns + j] += error * v[i * inner + k];
      }
    }
  }
  return loss;
}

std::vector<double> invariant(const std::vector<double>& p) {
  std::vector<double> out;
  const double *v = p.data(), *w = v + rows * inner;
  for (int k = 0; k < inner; ++k) {
    for (int l = 0; l < inner; ++l) {
      double sum = 0;
      for (int i = 0; i < rows; ++i) sum += v[i * inner + k] * v[i * inner + l];
      for (int j = 0; j < columns; ++j) sum -= w[k * columns + j] * w[l * columns + j];
      out.push_back(sum);
    }
  }
  return out;
}

Course<double> product(const Settings& options, std::int64_t n_steps) {
  Course<double> course(flow(options), {{"W_V", 1, rows, inner}, {"W_1", 1, inner, columns}},
                        product_loss, n_steps);
  course.start(0.5);
  return course;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

TEST(GradientFlow, DecaysAsTheExponentialDoes) {
  auto course = in_bowl({{"end_time", 2.0}}, 5);
  for (int k = 1; k <= 5; ++k) {
    course.run(1);
    EXPECT_DOUBLE_EQ(course.time, 0.4 * k);
    for (int i = 0; i < 3; ++i) {
      EXPECT_NEAR(course.p[std::size_t(i)], std::exp(-(1.0 + i) * 0.4 * k), 1e-6);
    }
  }
  EXPECT_EQ(course.time, 2.0);
}

TEST(GradientFlow, SpacesItsOutputsByLogarithm) {
  auto course = in_bowl({{"end_time", 10.0}, {"spacing", "log"}, {"first_time", 0.01}}, 4);
  for (const double time : {0.01, 0.1, 1.0, 10.0}) {
    course.run(1);
    EXPECT_NEAR(course.time, time, 1e-12 * time);
    EXPECT_NEAR(course.p[0], std::exp(-time), 1e-6);
  }
  EXPECT_EQ(course.time, 10.0);
}

TEST(GradientFlow, TakesOneUnitOfTimeAnOutputIfNoEndIsGiven) {
  auto course = in_bowl(Settings::object(), 7);
  course.run(7);
  EXPECT_EQ(course.time, 7.0);
}

TEST(GradientFlow, ErrsAboutAsMuchAsItMay) {
  auto exact =
      product({{"end_time", 4.0}, {"relative_tolerance", 1e-13}, {"absolute_tolerance", 1e-15}}, 1);
  exact.run(1);
  double before = 1;
  for (const double tolerance : {1e-4, 1e-6, 1e-8, 1e-10}) {
    auto course = product({{"end_time", 4.0},
                           {"relative_tolerance", tolerance},
                           {"absolute_tolerance", tolerance / 100}},
                          1);
    course.run(1);
    const double error = distance(course.p, exact.p);
    EXPECT_LT(error, 20 * tolerance);
    EXPECT_GT(error, tolerance / 1000);  // it does not work harder than asked
    EXPECT_LT(error, before / 10);
    before = error;
  }
}

TEST(GradientFlow, HasTheOrdersOfItsMethods) {
  auto exact =
      product({{"end_time", 1.0}, {"relative_tolerance", 1e-13}, {"absolute_tolerance", 1e-15}}, 1);
  exact.run(1);
  const auto error = [&](const char* method, int n_steps) {
    auto course = product({{"method", method}, {"step_size", 1.0 / n_steps}}, n_steps);
    course.run(n_steps);
    EXPECT_DOUBLE_EQ(course.time, 1.0);
    return distance(course.p, exact.p);
  };
  EXPECT_NEAR(std::log2(error("euler", 400) / error("euler", 800)), 1, 0.1);
  EXPECT_NEAR(std::log2(error("rk4", 40) / error("rk4", 80)), 4, 0.3);
}

TEST(GradientFlow, KeepsTheInvariantsOfAProduct) {
  auto course = product(
      {{"end_time", 20.0}, {"relative_tolerance", 1e-10}, {"absolute_tolerance", 1e-12}}, 10);
  const auto before = invariant(course.p), start = course.p;
  course.run(10);
  EXPECT_LT(distance(invariant(course.p), before), 1e-8);
  EXPECT_GT(distance(course.p, start), 0.1);
  // Euler steps do not: the bound above can fail.
  auto euler = product({{"method", "euler"}, {"step_size", 0.01}}, 500);
  euler.run(500);
  EXPECT_GT(distance(invariant(euler.p), before), 1e-6);
}

TEST(GradientFlow, RunsFasterByTheRateOfAMatrix) {
  auto fast = in_bowl({{"end_time", 1.0}}, 1), slow = in_bowl({{"end_time", 3.0}}, 1);
  fast.rates = {3.0};
  fast.run(1);
  slow.run(1);
  EXPECT_LT(distance(fast.p, slow.p), 1e-7);
}

TEST(GradientFlow, IsGradientDescentByEulerSteps) {
  auto course = in_bowl({{"method", "euler"}, {"step_size", 0.1}}, 2);
  course.rates = {0.5};
  course.run(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_DOUBLE_EQ(course.p[std::size_t(i)], std::pow(1 - 0.05 * (1.0 + i), 2));
  }
}

// float32 parameters are rounded for the model only: their errors do not add up over many outputs.
TEST(GradientFlow, KeepsItsPrecisionInFloat32) {
  auto course = in_bowl<float>({{"end_time", 1.0}}, 1000);
  course.run(1000);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(course.p[std::size_t(i)], std::exp(-1.0 - i), 2e-7);
}

TEST(GradientFlow, TakesItsStepSizeAcrossOutputs) {
  auto few = in_bowl({{"end_time", 8.0}}, 1), many = in_bowl({{"end_time", 8.0}}, 400);
  few.run(1);
  for (int s = 0; s < 400; ++s) {
    many.run(1);
    if (s <= 20) continue;
    EXPECT_LE(many.n_evaluated, 7) << "one Dormand-Prince step an output is enough";
  }
  EXPECT_GT(few.n_evaluated, 60);
}

TEST(GradientFlow, TakesNoStepLongerThanItsShareOfTheTime) {
  const Settings log = {{"end_time", 100.0}, {"spacing", "log"}, {"first_time", 1.0}};
  Settings capped = log;
  capped["largest_step_share"] = 0.01;
  capped["relative_tolerance"] = 0.1;
  auto course = in_bowl(capped, 2);
  course.run(2);
  // From 1 to 100 by a hundredth at a time: log(100) / log(1.01) steps of six evaluations.
  EXPECT_GT(course.n_evaluated, 6 * 460);
  EXPECT_LT(course.n_evaluated, 6 * 480);
}

TEST(GradientFlow, SaysWhereAFlowEnds) {
  const Loss<double> falls = [](const double* p, double* g) {  // p' = p^2: infinite at t = 1
    g[0] = -p[0] * p[0];
    return -p[0] * p[0] * p[0] / 3;
  };
  Course<double> course(flow({{"end_time", 2.0}}), {{"W_Q", 1, 1, 1}}, falls, 1);
  course.p[0] = 1;
  ASSERT_FALSE(course.step());
  const std::string told = sentence(course.optimizer->failure("step"));
  EXPECT_NE(told.find("the step size fell to"), std::string::npos) << told;
  EXPECT_NE(told.find("at flow time 1:"), std::string::npos) << told;
}

// The last loss that the host saw is not finite: it calls such a trial diverged.
TEST(GradientFlow, RunsUpToALossThatIsNotANumber) {
  double last = 0;
  const Loss<double> wall = [&last](const double* p, double* g) {
    g[0] = p[0] < 1.5 ? -1 : std::nan("");
    return last = p[0] < 1.5 ? -p[0] : std::nan("");
  };
  Course<double> course(flow({{"end_time", 4.0}}), {{"W_Q", 1, 1, 1}}, wall, 4);
  course.run(1);
  EXPECT_NEAR(course.p[0], 1, 1e-12);
  EXPECT_FALSE(course.step());
  EXPECT_TRUE(std::isnan(last));
}

TEST(GradientFlow, RefusesWhatDoesNotFitTogether) {
  const auto refusal = [](const Settings& options) { return in_bowl(options, 10).refusal; };
  const std::string who = "optimizer plugin 'gradient_flow': ";
  EXPECT_EQ(refusal({{"spacing", "log"}, {"end_time", 2.0}}),
            who + "spacing: log needs first_time, the flow time of the first output");
  EXPECT_EQ(refusal({{"spacing", "log"}, {"end_time", 2.0}, {"first_time", 2.0}}),
            who + "first_time must lie before end_time");
  EXPECT_EQ(refusal({{"end_time", 2.0}, {"first_time", 0.1}}),
            who + "first_time needs spacing: log");
  EXPECT_EQ(refusal({{"method", "rk4"}, {"step_size", 0.1}, {"end_time", 2.0}}).substr(0, 60),
            (who + "rk4 and euler end at training.steps times step_size").substr(0, 60));
  EXPECT_EQ(refusal({{"method", "rk4"}, {"step_size", 0.1}, {"end_time", 1.0}}), "");
}

}  // namespace
}  // namespace attnlab::contract

// kernel_invariance_test.cpp: what must not matter does not, and what is broken stays visible.
#include <limits>

#include "contract/kernel_reference.hpp"

namespace attnlab::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(EveryKernel, DoesNotCareForTheOrderOfTheKeys) {
  for (const Kernel& kernel : built_kernels()) {
    const auto numbers = some_numbers<double>({70, 90, 8, 6});
    auto turned = numbers;
    for (std::int64_t j = 0; j < 90; ++j) {
      for (std::int64_t d = 0; d < 8; ++d) turned.k.at(j, d) = numbers.k.at(89 - j, d);
      for (std::int64_t e = 0; e < 6; ++e) turned.v.at(j, e) = numbers.v.at(89 - j, e);
    }
    const Pass<double> a(kernel, numbers), b(kernel, turned);
    for (std::size_t n = 0; n < a.out().numbers.size(); ++n) {
      const double x = a.out().numbers[n];
      ASSERT_NEAR(b.out().numbers[n], x, 1e-13 * std::max(1.0, std::abs(x))) << kernel.name;
    }
  }
}

// Even a NaN: what a query does not see is not touched.
TEST(EveryKernel, ALaterTokenCannotChangeAnEarlierOutput) {
  for (const Kernel& kernel : built_kernels()) {
    for (const std::int64_t t : {6, 70, 150}) {
      for (const int mask : {ATTNLAB_MASK_CAUSAL, ATTNLAB_MASK_CAUSAL_EXCLUSIVE}) {
        SCOPED_TRACE(testing::Message() << kernel.name << " T=" << t << " mask=" << mask);
        const auto numbers = some_numbers<double>({t, t, 8, 6, mask});
        auto later = numbers;
        const std::int64_t changed = t - 3;
        for (auto* rows : {&later.q, &later.k, &later.v, &later.dout}) {
          for (std::int64_t j = 0; j < rows->columns; ++j) rows->at(changed, j) = nan;
        }
        Pass<double> a(kernel, numbers), b(kernel, later);
        const Gradient<double> da = a.backward();
        const Gradient<double> db = b.backward();
        const Rows<double> wa = a.weights(), wb = b.weights();
        for (std::int64_t i = 0; i < changed; ++i) {
          for (std::int64_t e = 0; e < 6; ++e) ASSERT_EQ(a.out().at(i, e), b.out().at(i, e));
          for (std::int64_t j = 0; j < t; ++j) ASSERT_EQ(wa.at(i, j), wb.at(i, j));
          for (std::int64_t d = 0; d < 8; ++d) ASSERT_EQ(da.q.at(i, d), db.q.at(i, d));
        }
        // Nor does what an earlier query asks for reach a later key.
        for (std::int64_t j = changed + 1; j < t; ++j) {
          EXPECT_TRUE(std::isfinite(da.v.at(j, 0)));
        }
      }
    }
  }
}

TEST(EveryKernel, AnEarlierGradientDoesNotReachALaterToken) {
  for (const Kernel& kernel : built_kernels()) {
    for (const std::int64_t t : {6, 70}) {
      auto numbers = some_numbers<double>({t, t, 8, 6, ATTNLAB_MASK_CAUSAL});
      numbers.dout.at(1, 2) = nan;
      const Gradient<double> d = Pass<double>(kernel, numbers).backward();
      for (std::int64_t j = 2; j < t; ++j) {
        for (std::int64_t x = 0; x < 8; ++x) ASSERT_TRUE(std::isfinite(d.k.at(j, x)));
        for (std::int64_t e = 0; e < 6; ++e) ASSERT_TRUE(std::isfinite(d.v.at(j, e)));
      }
      EXPECT_TRUE(std::isnan(d.v.at(0, 2))) << kernel.name;
    }
  }
}

TEST(EveryKernel, AQueryThatSeesNothingAnswersZero) {
  for (const Kernel& kernel : built_kernels()) {
    for (const std::int64_t t : {1, 4, 70}) {
      const auto numbers = some_numbers<double>({t, t, 8, 6, ATTNLAB_MASK_CAUSAL_EXCLUSIVE});
      Pass<double> run(kernel, numbers);
      const Gradient<double> d = run.backward();
      const Rows<double> weights = run.weights();
      for (std::int64_t e = 0; e < 6; ++e) EXPECT_EQ(run.out().at(0, e), 0.0) << kernel.name;
      for (std::int64_t j = 0; j < t; ++j) EXPECT_EQ(weights.at(0, j), 0.0) << kernel.name;
      for (std::int64_t x = 0; x < 8; ++x) EXPECT_EQ(d.q.at(0, x), 0.0) << kernel.name;
    }
  }
}

TEST(EveryKernel, RowsOfStochasticKernelsSumToOne) {
  for (const Kernel& kernel : built_kernels()) {
    if ((kernel.table->flags & ATTNLAB_KERNEL_ROW_STOCHASTIC) == 0) continue;
    const auto numbers = some_numbers<double>({130, 130, 8, 6, ATTNLAB_MASK_CAUSAL}, 4);
    const Rows<double> weights = Pass<double>(kernel, numbers).weights();
    for (std::int64_t i = 0; i < 130; ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < 130; ++j) sum += weights.at(i, j);
      const double tolerance = kernel.name == "linear" ? 1e-5 : 1e-13;  // its epsilon
      EXPECT_NEAR(sum, 1.0, tolerance) << kernel.name << " row " << i;
    }
  }
}

TEST(EveryKernel, GivesTheSameBitsTwice) {
  for (const Kernel& kernel : built_kernels()) {
    const auto numbers = some_numbers<float>({70, 70, 9, 7, ATTNLAB_MASK_CAUSAL});
    Pass<float> a(kernel, numbers), b(kernel, numbers);
    EXPECT_EQ(a.out(), b.out()) << kernel.name;
    EXPECT_EQ(a.backward(), b.backward()) << kernel.name;
  }
}

// NaN is an observation: wherever it enters, the outputs that see it are NaN.
template <class Real>
void expect_nan_is_seen() {
  for (const Kernel& kernel : built_kernels()) {
    for (const std::int64_t t : {5, 70}) {
      SCOPED_TRACE(testing::Message() << kernel.name << " T=" << t);
      for (int which = 0; which < 3; ++which) {
        auto numbers = some_numbers<Real>({t, t, 8, 6});
        Rows<Real>* rows[] = {&numbers.q, &numbers.k, &numbers.v};
        rows[which]->at(3, 2) = std::numeric_limits<Real>::quiet_NaN();
        Pass<Real> run(kernel, numbers);
        const std::int64_t e = 2;
        for (std::int64_t i = 0; i < t; ++i) {
          // A key of weight 0 is seen too: 0 NaN is NaN.
          const bool sees = which != 0 || i == 3;
          EXPECT_EQ(std::isnan(run.out().at(i, e)), sees) << "which " << which << " row " << i;
        }
        const Gradient<Real> d = run.backward();
        EXPECT_TRUE(std::isnan(d.q.at(which == 0 ? 3 : 0, 0))) << "which " << which;
      }
      auto numbers = some_numbers<Real>({t, t, 8, 6});
      numbers.dout.at(1, 1) = std::numeric_limits<Real>::quiet_NaN();
      Pass<Real> run(kernel, numbers);
      EXPECT_TRUE(std::isnan(run.backward().v.at(0, 1)));
    }
  }
}
TEST(EveryKernel, ShowsNaNInDouble) { expect_nan_is_seen<double>(); }
TEST(EveryKernel, ShowsNaNInSingle) { expect_nan_is_seen<float>(); }

TEST(SoftmaxKernel, AShiftOfAllScoresOfAQueryChangesNothing) {
  const Kernel kernel = kernel_called("softmax");
  auto numbers = some_numbers<double>({70, 70, 3, 4});
  for (std::int64_t i = 0; i < 70; ++i) numbers.q.at(i, 0) = 0;
  for (std::int64_t j = 0; j < 70; ++j) numbers.k.at(j, 0) = 1;
  auto shifted = numbers;
  for (std::int64_t i = 0; i < 70; ++i) shifted.q.at(i, 0) = 37.0 * static_cast<double>(i % 5);
  const Pass<double> a(kernel, numbers), b(kernel, shifted);
  for (std::size_t n = 0; n < a.out().numbers.size(); ++n) {
    EXPECT_NEAR(a.out().numbers[n], b.out().numbers[n], 1e-12);
  }
}

template <class Real>
void expect_extreme_scores_are_finite() {
  for (const char* name : {"softmax", "normalized_gaussian"}) {
    const Kernel kernel = kernel_called(name);
    for (const double scale : {1e2, 1e4}) {
      for (const std::int64_t t : {5, 150}) {
        auto numbers = some_numbers<Real>({t, t, 4, 4, ATTNLAB_MASK_CAUSAL});
        for (Real& x : numbers.q.numbers) x *= static_cast<Real>(scale);
        Pass<Real> run(kernel, numbers);
        for (Real x : run.out().numbers) ASSERT_TRUE(std::isfinite(x)) << name;
        const Gradient<Real> d = run.backward();
        for (const auto* rows : {&d.q, &d.k, &d.v}) {
          for (Real x : rows->numbers) ASSERT_TRUE(std::isfinite(x)) << name;
        }
      }
    }
  }
}
TEST(SoftmaxKernel, SurvivesScoresOfTenThousand) {
  expect_extreme_scores_are_finite<float>();
  expect_extreme_scores_are_finite<double>();
}

TEST(GaussianKernel, IsOneExactlyWhereQueryEqualsKey) {
  const Kernel kernel = kernel_called("gaussian");
  for (const std::int64_t t : {4, 30}) {
    auto numbers = some_numbers<float>({t, t, 16, 2}, 1000);
    numbers.q = numbers.k;
    const Rows<float> weights = Pass<float>(kernel, numbers).weights();
    for (std::int64_t i = 0; i < t; ++i) EXPECT_EQ(weights.at(i, i), 1.0f);
  }
}

TEST(ExponentialKernel, OverflowsAndUnderflowsAsNumbersDo) {
  const Kernel kernel = kernel_called("exponential");
  Numbers<float> numbers({1, 4, 1, 1, ATTNLAB_MASK_NONE, 0, 0, 1.0});
  numbers.q.numbers = {1};
  numbers.k.numbers = {89.5f, -110.0f, 88.5f, -100.0f};
  const Rows<float> weights = Pass<float>(kernel, numbers).weights();
  EXPECT_EQ(weights.at(0, 0), std::numeric_limits<float>::infinity());
  EXPECT_EQ(weights.at(0, 1), 0.0f);
  EXPECT_NEAR(weights.at(0, 2) / static_cast<float>(std::exp(88.5)), 1.0f, 2e-7f);
  EXPECT_NEAR(weights.at(0, 3) / static_cast<float>(std::exp(-100.0)), 1.0f, 0.05f);  // subnormal
}

TEST(SoftmaxKernel, MinusInfinityIsAScoreLikeAnother) {
  const Kernel kernel = kernel_called("softmax");
  Numbers<double> numbers({1, 100, 1, 1});
  numbers.q.numbers = {1};
  for (std::int64_t j = 0; j < 100; ++j) {
    numbers.k.at(j, 0) = j < 80 ? -infinity : 0;
    numbers.v.at(j, 0) = j < 80 ? 5 : 3;
  }
  EXPECT_DOUBLE_EQ(Pass<double>(kernel, numbers).out().at(0, 0), 3.0);
}

}  // namespace
}  // namespace attnlab::test

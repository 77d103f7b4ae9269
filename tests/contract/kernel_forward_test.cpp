// kernel_forward_test.cpp: every built kernel computes what its formula says.
#include "contract/kernel_reference.hpp"

namespace attnlab::test {
namespace {

template <class Real>
void expect_near(const Rows<Real>& got, const std::function<Row(std::int64_t)>& wanted,
                 double tolerance) {
  for (std::int64_t i = 0; i < got.rows; ++i) {
    const Row row = wanted(i);
    double size = 1;
    for (double x : row) size = std::max(size, std::abs(x));
    for (std::int64_t j = 0; j < got.columns; ++j) {
      ASSERT_NEAR(static_cast<double>(got.at(i, j)), row[static_cast<std::size_t>(j)],
                  tolerance * size)
          << "row " << i << " column " << j;
    }
  }
}

template <class Real>
void expect_reference(double tolerance) {
  for (const Kernel& kernel : built_kernels()) {
    SCOPED_TRACE(kernel.name);
    const Reference& reference = references().at(kernel.name);
    for (const Shape& shape : shapes()) {
      SCOPED_TRACE(testing::Message() << shape);
      const auto numbers = some_numbers<Real>(shape);
      Pass<Real> run(kernel, numbers);
      expect_near<Real>(
          run.out(), [&](std::int64_t i) { return reference_output(reference, numbers, i); },
          tolerance);
      expect_near<Real>(
          run.weights(), [&](std::int64_t i) { return reference_row(reference, numbers, i); },
          tolerance);
    }
  }
}

TEST(EveryKernel, HasAReference) {
  for (const Kernel& kernel : built_kernels()) {
    EXPECT_TRUE(references().contains(kernel.name)) << kernel.name << " has no reference";
  }
}

TEST(EveryKernel, SaysWhetherItsRowsSumToOne) {
  for (const Kernel& kernel : built_kernels()) {
    EXPECT_EQ((kernel.table->flags & ATTNLAB_KERNEL_ROW_STOCHASTIC) != 0,
              references().at(kernel.name).row_stochastic)
        << kernel.name;
  }
}

TEST(EveryKernel, AgreesWithItsFormulaInDouble) { expect_reference<double>(2e-14); }

TEST(EveryKernel, AgreesWithItsFormulaInSingle) { expect_reference<float>(4e-6); }

TEST(EveryKernel, WeightsTimesValuesAreTheOutputs) {
  for (const Kernel& kernel : built_kernels()) {
    SCOPED_TRACE(kernel.name);
    const auto numbers = some_numbers<double>({70, 90, 8, 6, ATTNLAB_MASK_CAUSAL, 20}, 3);
    Pass<double> run(kernel, numbers);
    const Rows<double> weights = run.weights();
    for (std::int64_t i = 0; i < 70; ++i) {
      for (std::int64_t e = 0; e < 6; ++e) {
        double sum = 0;
        for (std::int64_t j = 0; j < 90; ++j) sum += weights.at(i, j) * numbers.v.at(j, e);
        EXPECT_NEAR(sum, run.out().at(i, e), 1e-13 * std::max(1.0, std::abs(sum)));
      }
    }
  }
}

TEST(EveryKernel, IsFiniteAndRightOnFourThousandTokens) {
  for (const Kernel& kernel : built_kernels()) {
    SCOPED_TRACE(kernel.name);
    const Reference& reference = references().at(kernel.name);
    const auto numbers = some_numbers<float>({4096, 4096, 32, 32, ATTNLAB_MASK_CAUSAL});
    Pass<float> run(kernel, numbers);
    for (std::int64_t i : {0, 1, 63, 64, 1000, 4095}) {
      const Row wanted = reference_output(reference, numbers, i);
      for (std::int64_t e = 0; e < 32; ++e) {
        const double x = wanted[static_cast<std::size_t>(e)];
        EXPECT_NEAR(static_cast<double>(run.out().at(i, e)), x, 1e-4 * std::max(1.0, std::abs(x)));
      }
    }
    const Gradient<float> gradient = run.backward();
    for (const Rows<float>* rows : {&gradient.q, &gradient.k, &gradient.v}) {
      for (float x : rows->numbers) ASSERT_TRUE(std::isfinite(x));
    }
  }
}

// q = (1, 0), (0, 2); k = (1, 1), (0, 1); v = 10, 20; temperature 2.
Numbers<double> two_tokens() {
  Numbers<double> numbers({2, 2, 2, 1, ATTNLAB_MASK_NONE, 0, 0, 2.0});
  numbers.q.numbers = {1, 0, 0, 2};
  numbers.k.numbers = {1, 1, 0, 1};
  numbers.v.numbers = {10, 20};
  return numbers;
}

TEST(SoftmaxKernel, GivesTheValuesWorkedByHand) {
  const auto numbers = two_tokens();  // scores: 1/2, 0; 1, 1
  const Kernel kernel = kernel_called("softmax");
  Pass<double> run(kernel, numbers);
  EXPECT_NEAR(run.weights().at(0, 0), 0.6224593312018546, 1e-15);  // 1 / (1 + e^-1/2)
  EXPECT_NEAR(run.out().at(0, 0), 13.775406687981454, 1e-13);
  EXPECT_NEAR(run.out().at(1, 0), 15.0, 1e-13);
}

TEST(GaussianKernel, GivesTheValuesWorkedByHand) {
  const auto numbers = two_tokens();  // square distances: 1, 2; 2, 1
  const Kernel kernel = kernel_called("gaussian");
  Pass<double> run(kernel, numbers);
  EXPECT_NEAR(run.weights().at(0, 0), 0.7788007830714049, 1e-15);  // e^-1/4
  EXPECT_NEAR(run.weights().at(0, 1), 0.6065306597126334, 1e-15);  // e^-1/2
  EXPECT_NEAR(run.out().at(0, 0), 7.788007830714049 + 12.130613194252668, 1e-13);
  EXPECT_NEAR(run.out().at(1, 0), 6.065306597126334 + 15.576015661428098, 1e-13);
}

TEST(NormalizedGaussianKernel, GivesTheValuesWorkedByHand) {
  const auto numbers = two_tokens();
  const Kernel kernel = kernel_called("normalized_gaussian");
  Pass<double> run(kernel, numbers);
  EXPECT_NEAR(run.weights().at(0, 0), 0.5621765008857981, 1e-15);  // 1 / (1 + e^-1/4)
  EXPECT_NEAR(run.weights().at(1, 0), 0.4378234991142019, 1e-15);
}

TEST(ExponentialKernel, GivesTheValuesWorkedByHand) {
  const auto numbers = two_tokens();
  const Kernel kernel = kernel_called("exponential");
  Pass<double> run(kernel, numbers);
  EXPECT_NEAR(run.weights().at(0, 0), 1.6487212707001282, 1e-15);
  EXPECT_NEAR(run.weights().at(0, 1), 1.0, 1e-15);
  EXPECT_NEAR(run.out().at(1, 0), 81.54845485377136, 1e-12);  // 30 e
}

}  // namespace
}  // namespace attnlab::test

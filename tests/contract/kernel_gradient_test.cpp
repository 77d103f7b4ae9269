// kernel_gradient_test.cpp: every built kernel's backward is the derivative of its formula.
#include "contract/kernel_reference.hpp"

namespace attnlab::test {
namespace {

// d(loss)/dx by central differences of fourth order.
double central_difference(const std::function<double()>& loss, double& x, double h) {
  const double before = x;
  const auto at = [&](double step) {
    x = before + step;
    return loss();
  };
  const double slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  x = before;
  return slope;
}

// Of every matrix some entries, spread over all rows.
void expect_gradients(const Kernel& kernel, const Shape& shape, Numbers<double> numbers) {
  SCOPED_TRACE(testing::Message() << kernel.name << " " << shape);
  const Reference& reference = references().at(kernel.name);
  const Numbers<double> fixed = numbers;
  const Gradient<double> got = Pass<double>(kernel, fixed).backward();
  const double tolerance = reference.step < 1e-3 ? 1e-6 : 2e-9;
  const auto loss = [&] { return reference_loss(reference, numbers); };
  const auto check = [&](Rows<double>& x, const Rows<double>& gradient, const char* name) {
    const std::int64_t n = x.rows * x.columns;
    const std::int64_t step = std::max<std::int64_t>(1, n / (x.rows > 30 ? 6 : 24));
    for (std::int64_t at = 0; at < n; at += step) {
      const std::int64_t i = at / x.columns, j = at % x.columns;
      const double wanted = central_difference(loss, x.at(i, j), reference.step);
      ASSERT_NEAR(gradient.at(i, j), wanted, tolerance * std::max(1.0, std::abs(wanted)))
          << name << "[" << i << "][" << j << "]";
    }
  };
  check(numbers.q, got.q, "dq");
  check(numbers.k, got.k, "dk");
  check(numbers.v, got.v, "dv");
}

TEST(EveryKernel, BackwardAgreesWithCentralDifferences) {
  for (const Kernel& kernel : built_kernels()) {
    for (const Shape& shape : shapes()) {
      if (shape.key_dim > 40) continue;
      expect_gradients(kernel, shape, some_numbers<double>(shape));
    }
  }
}

TEST(EveryKernel, BackwardIsRightWhereQueriesEqualKeys) {
  for (const Kernel& kernel : built_kernels()) {
    for (std::int64_t t : {4, 20}) {
      const Shape shape{t, t, 3, 2, ATTNLAB_MASK_NONE};
      auto numbers = some_numbers<double>(shape);
      numbers.q = numbers.k;
      if (references().at(kernel.name).step >= 1e-3) expect_gradients(kernel, shape, numbers);
      const Gradient<double> got = Pass<double>(kernel, numbers).backward();
      for (double x : got.q.numbers) EXPECT_TRUE(std::isfinite(x)) << kernel.name;
    }
  }
}

TEST(EveryKernel, BackwardAddsToTheGradients) {
  for (const Kernel& kernel : built_kernels()) {
    for (const Shape& shape : {Shape{5, 5, 8, 4, ATTNLAB_MASK_CAUSAL}, Shape{70, 70, 8, 4}}) {
      SCOPED_TRACE(testing::Message() << kernel.name << " " << shape);
      const auto numbers = some_numbers<double>(shape);
      Pass<double> run(kernel, numbers);
      const Gradient<double> from_zero = run.backward(0), from_three = run.backward(3);
      using Both = std::pair<const Rows<double>*, const Rows<double>*>;
      for (const auto& [zero, three] :
           {Both{&from_zero.q, &from_three.q}, Both{&from_zero.k, &from_three.k},
            Both{&from_zero.v, &from_three.v}}) {
        for (std::size_t n = 0; n < zero->numbers.size(); ++n) {
          const double x = zero->numbers[n];
          ASSERT_NEAR(three->numbers[n], x + 3, 1e-13 * std::max(3.0, std::abs(x)));
        }
      }
    }
  }
}

TEST(EveryKernel, GradientsInSingleAgreeWithDouble) {
  for (const Kernel& kernel : built_kernels()) {
    for (const Shape& shape : shapes()) {
      SCOPED_TRACE(testing::Message() << kernel.name << " " << shape);
      const auto single = some_numbers<float>(shape);
      const auto twice = some_numbers<double>(shape);
      const Gradient<float> a = Pass<float>(kernel, single).backward();
      const Gradient<double> b = Pass<double>(kernel, twice).backward();
      const auto check = [](const Rows<float>& x, const Rows<double>& y, const char* name) {
        double size = 1;
        for (std::int64_t i = 0; i < y.rows; ++i) {
          for (std::int64_t j = 0; j < y.columns; ++j) size = std::max(size, std::abs(y.at(i, j)));
        }
        for (std::int64_t i = 0; i < y.rows; ++i) {
          for (std::int64_t j = 0; j < y.columns; ++j) {
            ASSERT_NEAR(static_cast<double>(x.at(i, j)), y.at(i, j), 1e-5 * size)
                << name << "[" << i << "][" << j << "]";
          }
        }
      };
      check(a.q, b.q, "dq");
      check(a.k, b.k, "dk");
      check(a.v, b.v, "dv");
    }
  }
}

}  // namespace
}  // namespace attnlab::test

// kernel_dropout_test.cpp: with dropout of its weights every built kernel answers its formula's
// weights, some of them zero and the others enlarged, times the values; and backward is the
// derivative of that.
#include "contract/kernel_reference.hpp"

namespace attnlab::test {
namespace {

// A mask over the keys of every query. Keys that a query does not see have 7: nobody may read them.
struct Mask {
  std::vector<std::uint8_t> kept;
  attnlab_weight_dropout border;
  std::int64_t stride;

  Mask(const Shape& s, double share) : stride(s.n_keys + s.gap) {
    kept.assign(static_cast<std::size_t>(s.n_queries * stride), 7);
    for (std::int64_t i = 0; i < s.n_queries; ++i)
      for (std::int64_t j = 0; j < s.n_seen(i); ++j)
        kept[at(i, j)] = random_uniform(9, 1, at(i, j)) < share ? 0 : 1;
    border = {sizeof border, 0, kept.data(), stride, 1 / (1 - share)};
  }
  std::size_t at(std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>(i * stride + j);
  }
  double of(std::int64_t i, std::int64_t j) const {
    return kept[at(i, j)] == 1 ? border.factor : 0;
  }
};

// sum_j S[i][j] mask[i][j] v[j]
template <class Real>
Row dropped_output(const Reference& reference, const Numbers<Real>& numbers, const Mask& mask,
                   std::int64_t i) {
  const Row weights = reference_row(reference, numbers, i);
  Row out(static_cast<std::size_t>(numbers.shape.value_dim), 0);
  for (std::int64_t j = 0; j < numbers.shape.n_seen(i); ++j)
    for (std::size_t e = 0; e < out.size(); ++e)
      out[e] += weights[static_cast<std::size_t>(j)] * mask.of(i, j) *
                static_cast<double>(numbers.v.at(j, static_cast<std::int64_t>(e)));
  return out;
}

double dropped_loss(const Reference& reference, const Numbers<double>& numbers, const Mask& mask) {
  double loss = 0;
  for (std::int64_t i = 0; i < numbers.shape.n_queries; ++i) {
    const Row out = dropped_output(reference, numbers, mask, i);
    for (std::size_t e = 0; e < out.size(); ++e)
      loss += out[e] * numbers.dout.at(i, static_cast<std::int64_t>(e));
  }
  return loss;
}

template <class Real>
void expect_outputs(double tolerance) {
  for (const Kernel& kernel : built_kernels()) {
    const Reference& reference = references().at(kernel.name);
    for (const Shape& shape : shapes()) {
      SCOPED_TRACE(testing::Message() << kernel.name << " " << shape);
      const auto numbers = some_numbers<Real>(shape);
      const Mask mask(shape, 0.3);
      Pass<Real> run(kernel, numbers, &mask.border);
      for (std::int64_t i = 0; i < shape.n_queries; ++i) {
        const Row wanted = dropped_output(reference, numbers, mask, i);
        double size = 1;
        for (double x : wanted) size = std::max(size, std::abs(x));
        for (std::int64_t e = 0; e < shape.value_dim; ++e)
          ASSERT_NEAR(static_cast<double>(run.out().at(i, e)), wanted[static_cast<std::size_t>(e)],
                      tolerance * size);
      }
    }
  }
}

TEST(EveryKernel, DropsItsWeightsInDouble) { expect_outputs<double>(3e-14); }
TEST(EveryKernel, DropsItsWeightsInSingle) { expect_outputs<float>(6e-6); }

TEST(EveryKernel, BackwardWithDropoutAgreesWithCentralDifferences) {
  for (const Kernel& kernel : built_kernels()) {
    const Reference& reference = references().at(kernel.name);
    for (const Shape& shape : shapes()) {
      if (shape.key_dim > 40) continue;
      SCOPED_TRACE(testing::Message() << kernel.name << " " << shape);
      auto numbers = some_numbers<double>(shape);
      const Numbers<double> fixed = numbers;
      const Mask mask(shape, 0.3);
      const Gradient<double> got = Pass<double>(kernel, fixed, &mask.border).backward();
      const double h = 1e-6;
      const auto check = [&](Rows<double>& x, const Rows<double>& gradient, const char* name) {
        const std::int64_t n = x.rows * x.columns;
        const std::int64_t step = std::max<std::int64_t>(1, n / (x.rows > 30 ? 6 : 16));
        for (std::int64_t at = 0; at < n; at += step) {
          const std::int64_t i = at / x.columns, j = at % x.columns;
          const double here = x.at(i, j);
          x.at(i, j) = here + h;
          const double up = dropped_loss(reference, numbers, mask);
          x.at(i, j) = here - h;
          const double down = dropped_loss(reference, numbers, mask);
          x.at(i, j) = here;
          const double wanted = (up - down) / (2 * h);
          ASSERT_NEAR(gradient.at(i, j), wanted, 1e-6 * std::max(1.0, std::abs(wanted)))
              << name << "[" << i << "][" << j << "]";
        }
      };
      check(numbers.q, got.q, "dq");
      check(numbers.k, got.k, "dk");
      check(numbers.v, got.v, "dv");
    }
  }
}

TEST(EveryKernel, ADropoutThatKeepsAllAnswersAsWithout) {
  for (const Kernel& kernel : built_kernels()) {
    const Shape shape{70, 70, 8, 4, ATTNLAB_MASK_CAUSAL};
    SCOPED_TRACE(kernel.name);
    const auto numbers = some_numbers<double>(shape);
    const Mask mask(shape, 0);
    Pass<double> with(kernel, numbers, &mask.border), without(kernel, numbers);
    const Gradient<double> dropped = with.backward(), plain = without.backward();
    for (std::size_t i = 0; i < plain.q.numbers.size(); ++i) {
      EXPECT_NEAR(dropped.q.numbers[i], plain.q.numbers[i], 1e-12);
      EXPECT_NEAR(dropped.k.numbers[i], plain.k.numbers[i], 1e-12);
    }
    for (std::int64_t i = 0; i < shape.n_queries; ++i)
      for (std::int64_t e = 0; e < shape.value_dim; ++e)
        EXPECT_NEAR(with.out().at(i, e), without.out().at(i, e), 1e-13);
  }
}

}  // namespace
}  // namespace attnlab::test

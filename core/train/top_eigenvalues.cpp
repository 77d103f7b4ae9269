// top_eigenvalues.cpp: Lanczos by Spectra; its operator keeps the first failure and answers zeros
// from then on.
#include "train/top_eigenvalues.hpp"

#include <Spectra/SymEigsSolver.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace attnlab {
namespace {

using Vector = Eigen::VectorXd;
using Numbers = Eigen::Map<Vector>;
using Constant = Eigen::Map<const Vector>;

class Product {  // what Spectra asks of a matrix
 public:
  using Scalar = double;
  Product(Index n, const VectorMap& times) : n_(n), times_(times) {}
  Index rows() const { return n_; }
  Index cols() const { return n_; }
  void perform_op(const double* in, double* out) const {
    const auto n = static_cast<std::size_t>(n_);
    std::fill_n(out, n, 0.0);
    if (!errors_.empty()) return;
    ++n_made_;
    const auto made = times_({in, n}, {out, n});
    if (made && Constant(out, n_).allFinite()) return;
    errors_ = made ? Errors{{"the Hessian", "a product with it is not finite", ""}} : made.errors();
    std::fill_n(out, n, 0.0);
  }
  const Errors& errors() const { return errors_; }
  Index n_made() const { return n_made_; }

 private:
  Index n_;
  const VectorMap& times_;
  mutable Errors errors_;
  mutable Index n_made_ = 0;
};

struct Pairs {
  Vector values;
  Eigen::MatrixXd vectors;  // [n][k]
  bool converged = true;
};

Pairs of_whole_matrix(const Product& product, Index k) {
  const Index n = product.rows();
  Eigen::MatrixXd h(n, n);
  for (Index i = 0; i < n; ++i) {
    const Vector unit = Vector::Unit(n, i);
    product.perform_op(unit.data(), h.col(i).data());
  }
  const Eigen::MatrixXd symmetric = 0.5 * (h + h.transpose());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);
  return {solver.eigenvalues().tail(k).reverse(),
          solver.eigenvectors().rightCols(k).rowwise().reverse(), true};
}

Pairs by_lanczos(Product& product, Index k, std::uint64_t seed) {
  const Index n = product.rows(), width = std::min(n, std::max<Index>(2 * k + 1, 20));
  Vector start(n);
  for (Index i = 0; i < n; ++i) start[i] = random_normal(seed, 0, static_cast<std::uint64_t>(i));
  Spectra::SymEigsSolver<Product> solver(product, k, width);
  solver.init(start.data());
  const Index found = solver.compute(Spectra::SortRule::LargestAlge, 60, 1e-8);
  if (found < k) return {};
  return {solver.eigenvalues(), solver.eigenvectors(), true};
}

}  // namespace

Result<TopEigenvalues> top_eigenvalues(Index n, Index k, std::uint64_t seed,
                                       const VectorMap& times) {
  constexpr Index small = 40;
  TopEigenvalues out;
  k = std::min(k, n);
  if (k <= 0) return out;
  Product product(n, times);
  Pairs pairs;
  try {
    pairs = n <= small || k >= n ? of_whole_matrix(product, k) : by_lanczos(product, k, seed);
  } catch (const std::exception& e) {
    if (!product.errors().empty()) return product.errors();
    return Error{"the Hessian", std::string("its eigenvalues cannot be computed: ") + e.what(), ""};
  }
  for (Index i = 0; i < pairs.values.size(); ++i) {
    Vector image(n);
    product.perform_op(pairs.vectors.col(i).data(), image.data());
    out.values.push_back(pairs.values[i]);
    out.residuals.push_back((image - pairs.values[i] * pairs.vectors.col(i)).norm());
  }
  if (!product.errors().empty()) return product.errors();
  out.products = product.n_made();
  out.converged = pairs.values.size() == k;
  return out;
}

Result<Done> hessian_times(const VectorMap& gradient, std::span<const double> w,
                           std::span<const double> v, std::span<double> out) {
  const auto n = static_cast<Index>(w.size());
  const Constant at(w.data(), n), along(v.data(), n);
  Numbers image(out.data(), n);
  image.setZero();
  const double length = along.norm();
  if (!(length > 0)) return Done{};
  const double e = 6e-6 * (1 + at.norm()) / length;
  Vector moved = at + e * along, below(n);
  if (auto made = gradient({moved.data(), w.size()}, out); !made) return made;
  moved = at - e * along;
  if (auto made = gradient({moved.data(), w.size()}, {below.data(), w.size()}); !made) return made;
  image = (image - below) / (2 * e);
  return Done{};
}

}  // namespace attnlab

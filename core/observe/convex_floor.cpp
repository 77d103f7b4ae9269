// convex_floor.cpp: projection on a Minkowski sum of hulls, a convex problem over H simplices.
#include "observe/convex_floor.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace attnlab {
namespace {

constexpr int most_iterations = 6000;
constexpr int check_every = 10;
constexpr double gap_tolerance = 1e-11;   // of |r|^2
constexpr double zero_tolerance = 1e-22;  // |r|^2 as a share of |y|^2 + sigma_max(A)^2

double interval_floor(const std::vector<HullMatrix>& values, const HullMatrix& targets) {
  double low = 0, high = 0, floor = 0;
  for (const HullMatrix& v : values) {
    low += v.minCoeff();
    high += v.maxCoeff();
  }
  for (Index t = 0; t < targets.rows(); ++t) {
    const double off = std::max({low - targets(t, 0), targets(t, 0) - high, 0.0});
    floor += 0.5 * off * off;
  }
  return floor;
}

// min 1/2 |A^T u - y|^2 over u = [u_1; ...; u_H], each part on the simplex; A = [V_1; ...; V_H].
class Projection {
 public:
  Projection(const std::vector<HullMatrix>& values, Index outputs)
      : heads_(std::ssize(values)), tokens_(values[0].rows()), a_(heads_ * tokens_, outputs) {
    for (Index h = 0; h < heads_; ++h)
      a_.middleRows(h * tokens_, tokens_) = values[static_cast<std::size_t>(h)];
    const Eigen::MatrixXd gram = a_.transpose() * a_;
    lipschitz_ = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly)
                     .eigenvalues()
                     .maxCoeff();
  }

  double half_squared_distance(const Eigen::VectorXd& y) const {
    Eigen::VectorXd u = Eigen::VectorXd::Constant(a_.rows(), 1.0 / static_cast<double>(tokens_));
    if (!(lipschitz_ > 0)) return 0.5 * y.squaredNorm();
    Eigen::VectorXd ahead = u, next = u;
    double momentum = 1, best = proven(u, y).bound;
    for (int k = 1; k <= most_iterations; ++k) {
      next = ahead - a_ * (a_.transpose() * ahead - y) / lipschitz_;
      for (Index h = 0; h < heads_; ++h) project_on_simplex(next.segment(h * tokens_, tokens_));
      // Restart when the momentum points uphill (O'Donoghue, Candes 2015).
      if ((ahead - next).dot(next - u) > 0) momentum = 1;
      const double grown = 0.5 * (1 + std::sqrt(1 + 4 * momentum * momentum));
      ahead = next + (momentum - 1) / grown * (next - u);
      momentum = grown;
      u.swap(next);
      if (k % check_every != 0) continue;
      const Proof proof = proven(u, y);
      best = std::max(best, proof.bound);
      if (proof.done) break;
    }
    return best;
  }

 private:
  struct Proof {
    double bound = 0;
    bool done = false;
  };

  // With r = y - z and gap = max over s of the set of <r, s - z>, every s has
  // |y - s| >= <r, y - s> / |r| >= (|r|^2 - gap) / |r|.
  Proof proven(const Eigen::VectorXd& u, const Eigen::VectorXd& y) const {
    const Eigen::VectorXd r = y - a_.transpose() * u;
    const Eigen::VectorXd along = a_ * r;
    double gap = -along.dot(u);
    for (Index h = 0; h < heads_; ++h) gap += along.segment(h * tokens_, tokens_).maxCoeff();
    const double size = r.squaredNorm();
    if (size <= zero_tolerance * (y.squaredNorm() + lipschitz_)) return {0, true};
    const double left = std::max(size - std::max(gap, 0.0), 0.0);
    return {0.5 * left * left / size, gap <= gap_tolerance * size};
  }

  Index heads_, tokens_;
  Eigen::MatrixXd a_;  // [head, token][output]
  double lipschitz_ = 0;
};

}  // namespace

void project_on_simplex(Eigen::Ref<Eigen::VectorXd> x) {
  Eigen::VectorXd sorted = x;
  std::sort(sorted.data(), sorted.data() + sorted.size(), std::greater<>());
  double sum = 0, shift = 0;
  for (Index k = 0; k < sorted.size(); ++k) {
    sum += sorted[k];
    const double candidate = (sum - 1) / static_cast<double>(k + 1);
    if (sorted[k] > candidate) shift = candidate;
  }
  x = (x.array() - shift).max(0.0).matrix();
}

double convex_floor(const std::vector<HullMatrix>& values, const HullMatrix& targets) {
  const auto finite = [](const HullMatrix& v) { return v.allFinite(); };
  if (values.empty() || !std::all_of(values.begin(), values.end(), finite))
    return std::numeric_limits<double>::quiet_NaN();
  if (targets.cols() == 1) return interval_floor(values, targets);
  const Projection projection(values, targets.cols());
  double floor = 0;
  for (Index t = 0; t < targets.rows(); ++t)
    floor += projection.half_squared_distance(targets.row(t).transpose());
  return floor;
}

}  // namespace attnlab

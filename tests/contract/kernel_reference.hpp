// kernel_reference.hpp: S of every kernel in double, one entry after the other, straight from the
// formulas (contract: "Kernels"; options at their defaults). Shares no code with the kernels.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "contract/kernel_border.hpp"

namespace attnlab::test {

using Row = std::vector<double>;

struct Pair {  // everything a weight may depend on before rows are normalised
  const Row &q, &k;
  double tau, n;  // n: keys that the query sees

  double dot() const {
    double sum = 0;
    for (std::size_t d = 0; d < q.size(); ++d) sum += q[d] * k[d];
    return sum / tau;
  }
  double square() const {
    double sum = 0;
    for (std::size_t d = 0; d < q.size(); ++d) sum += (q[d] - k[d]) * (q[d] - k[d]);
    return sum;
  }
};

inline void nothing(Row&) {}

struct Reference {
  std::function<double(const Pair&)> weight;
  std::function<void(Row&)> finish = nothing;
  bool row_stochastic = false;
  double step = 1e-3;  // of central differences; small where the slope jumps
};

inline void divide_by_sum(Row& row) {
  double sum = 0;
  for (double x : row) sum += x;
  for (double& x : row) x /= sum;
}

inline void softmax(Row& row) {
  double top = row.empty() ? 0 : row[0];
  for (double x : row) top = std::max(top, x);
  for (double& x : row) x = std::exp(x - top);
  divide_by_sum(row);
}

// x becomes f(max(x - theta, 0)), theta by bisection.
inline void sum_to_one(Row& row, double (*f)(double)) {
  double high = row[0];
  for (double x : row) high = std::max(high, x);
  double low = high - 1;
  const auto weight = [&](double x, double theta) { return f(std::max(x - theta, 0.0)); };
  for (int i = 0; i < 54; ++i) {
    const double theta = (low + high) / 2;
    double sum = 0;
    for (double x : row) sum += weight(x, theta);
    (sum > 1 ? low : high) = theta;
  }
  for (double& x : row) x = weight(x, (low + high) / 2);
}

inline const std::map<std::string, Reference>& references() {
  static const std::map<std::string, Reference> all{
      {"softmax", {[](const Pair& p) { return p.dot(); }, softmax, true}},
      {"gaussian", {[](const Pair& p) { return std::exp(-p.square() / (2 * p.tau)); }}},
      {"normalized_gaussian",
       {[](const Pair& p) { return -p.square() / (2 * p.tau); }, softmax, true}},
      {"exponential", {[](const Pair& p) { return std::exp(p.dot()); }}},
      {"sparsemax",
       {[](const Pair& p) { return p.dot(); },
        [](Row& row) { sum_to_one(row, [](double x) { return x; }); }, true, 1e-6}},
      {"entmax15",
       {[](const Pair& p) { return p.dot() / 2; },
        [](Row& row) { sum_to_one(row, [](double x) { return x * x; }); }, true, 1e-6}},
      {"linear",
       {[](const Pair& p) {
          const auto phi = [](double x) { return x > 0 ? x + 1 : std::exp(x); };
          double sum = 0;
          for (std::size_t d = 0; d < p.q.size(); ++d) sum += phi(p.q[d]) * phi(p.k[d]);
          return sum;
        },
        [](Row& row) {
          double sum = 1e-6;
          for (double x : row) sum += x;
          for (double& x : row) x /= sum;
        },
        true, 1e-6}},
      {"softmax1",
       {[](const Pair& p) { return std::exp(p.dot()); },
        [](Row& row) {
          double sum = 1;
          for (double x : row) sum += x;
          for (double& x : row) x /= sum;
        }}},
      {"laplacian",
       {[](const Pair& p) { return std::exp(-std::sqrt(p.square() + 1e-12) / p.tau); }, nothing,
        false, 1e-6}},
      {"cauchy", {[](const Pair& p) { return 1 / (1 + p.square() / p.tau); }}},
      {"polynomial", {[](const Pair& p) { return std::pow(p.dot() + 1, 2) / p.n; }}},
      {"relu",
       {[](const Pair& p) { return p.dot() < 0 ? 0 : p.dot() / p.n; }, nothing, false, 1e-6}},
      {"sigmoid", {[](const Pair& p) { return 1 / (1 + std::exp(-(p.dot() - std::log(p.n)))); }}},
      {"laplacian norm=\"l1\"",
       {[](const Pair& p) {
          double sum = 0;
          for (std::size_t d = 0; d < p.q.size(); ++d) sum += std::abs(p.q[d] - p.k[d]);
          return std::exp(-sum / p.tau);
        },
        nothing, false, 1e-6}},
      {"polynomial degree=3", {[](const Pair& p) { return std::pow(p.dot() + 1, 3) / p.n; }}},
      {"polynomial offset=-0.5", {[](const Pair& p) { return std::pow(p.dot() - 0.5, 2) / p.n; }}},
      {"relu power=2",
       {[](const Pair& p) { return p.dot() < 0 ? 0 : p.dot() * p.dot() / p.n; }, nothing, false,
        1e-6}},
      {"sigmoid bias=-1", {[](const Pair& p) { return 1 / (1 + std::exp(-(p.dot() - 1))); }}},
      {"cosine kappa=4",
       {[](const Pair& p) {
          const Pair qq{p.q, p.q, 1, 1}, kk{p.k, p.k, 1, 1};
          return 4 * p.dot() * p.tau / std::sqrt((qq.dot() + 1e-12) * (kk.dot() + 1e-12));
        },
        softmax, true}},
      {"cosine",
       {[](const Pair& p) {
          const Pair qq{p.q, p.q, 1, 1}, kk{p.k, p.k, 1, 1};
          return 10 * p.dot() * p.tau / std::sqrt((qq.dot() + 1e-12) * (kk.dot() + 1e-12));
        },
        softmax, true}},
  };
  return all;
}

template <class Real>
Row row_of(const Rows<Real>& rows, std::int64_t i) {
  Row row;
  for (std::int64_t j = 0; j < rows.columns; ++j) row.push_back(static_cast<double>(rows.at(i, j)));
  return row;
}

// Row i of S, zeros where nothing is seen.
template <class Real>
Row reference_row(const Reference& kernel, const Numbers<Real>& numbers, std::int64_t i) {
  const Shape& shape = numbers.shape;
  const std::int64_t n = std::max<std::int64_t>(0, shape.n_seen(i));
  const Row q = row_of(numbers.q, i);
  Row row, k(q.size());
  for (std::int64_t j = 0; j < n; ++j) {
    for (std::int64_t d = 0; d < shape.key_dim; ++d) {
      k[static_cast<std::size_t>(d)] = static_cast<double>(numbers.k.at(j, d));
    }
    row.push_back(kernel.weight({q, k, shape.temperature, static_cast<double>(n)}));
  }
  if (n > 0) kernel.finish(row);
  row.resize(static_cast<std::size_t>(shape.n_keys), 0.0);
  return row;
}

// Row i of S v.
template <class Real>
Row reference_output(const Reference& kernel, const Numbers<Real>& numbers, std::int64_t i) {
  const Row weights = reference_row(kernel, numbers, i);
  Row out(static_cast<std::size_t>(numbers.shape.value_dim), 0.0);
  for (std::int64_t j = 0; j < numbers.shape.n_keys; ++j) {
    const double weight = weights[static_cast<std::size_t>(j)];
    for (std::size_t e = 0; weight != 0 && e < out.size(); ++e) {
      out[e] += weight * static_cast<double>(numbers.v.at(j, static_cast<std::int64_t>(e)));
    }
  }
  return out;
}

// sum of dout * out, the function whose gradient backward is.
inline double reference_loss(const Reference& kernel, const Numbers<double>& numbers) {
  double loss = 0;
  for (std::int64_t i = 0; i < numbers.shape.n_queries; ++i) {
    const Row out = reference_output(kernel, numbers, i);
    for (std::size_t e = 0; e < out.size(); ++e) {
      loss += out[e] * numbers.dout.at(i, static_cast<std::int64_t>(e));
    }
  }
  return loss;
}

// Shapes that reach every path: one token, few queries, whole tiles and their edges, R != N, D !=
// E.
inline std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int mask : {ATTNLAB_MASK_NONE, ATTNLAB_MASK_CAUSAL, ATTNLAB_MASK_CAUSAL_EXCLUSIVE}) {
    for (std::int64_t t : {1, 2, 3, 5, 17, 64, 70, 130}) all.push_back({t, t, 4, 4, mask});
    all.push_back({5, 5, 128, 128, mask});
    all.push_back({9, 9, 7, 19, mask, 0, 3});
    all.push_back({70, 70, 33, 5, mask, 0, 11});
    all.push_back({1, 130, 6, 3, mask, 129, 2});
    all.push_back({20, 90, 5, 9, mask, 70});
    all.push_back({67, 150, 3, 2, mask, 30, 1});
    all.push_back({30, 12, 5, 4, mask, 3});
  }
  return all;
}

}  // namespace attnlab::test

// constructions.cpp: values in columns of the inputs, and targets made of them.
#include "constructions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace token_regression {

std::vector<double> value_columns(const ValueColumns& form, const DataShape& shape,
                                  const attnlab::Host& host, std::uint64_t seed) {
  std::vector<double> x(static_cast<std::size_t>(shape.samples * shape.tokens * shape.dim));
  const double std = 1.0 / std::sqrt(static_cast<double>(shape.dim));
  const auto heads = static_cast<double>(form.heads);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t column = static_cast<std::int64_t>(i) % shape.dim;
    if (column == 0) {
      x[i] = 1;
    } else if (column <= form.heads) {
      x[i] = (form.low + (form.high - form.low) * host.uniform(seed, 0, i)) / heads;
    } else {
      x[i] = std * attnlab::random_normal(host, seed, 0, i);
    }
  }
  return x;
}

std::vector<double> targets_of(const FromValues& form, std::int64_t heads,
                               const std::vector<double>& inputs, const DataShape& shape,
                               const attnlab::Host& host, std::uint64_t seed) {
  std::vector<double> y;
  std::vector<double> column(static_cast<std::size_t>(shape.tokens));
  for (std::int64_t i = 0; i < shape.samples; ++i) {
    double minimum = 0, sum = 0;
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t j = 0; j < shape.tokens; ++j)
        column[static_cast<std::size_t>(j)] =
            inputs[static_cast<std::size_t>((i * shape.tokens + j) * shape.dim + 1 + h)];
      minimum += *std::min_element(column.begin(), column.end());
      sum += std::accumulate(column.begin(), column.end(), 0.0);
    }
    for (std::int64_t j = 0; j < shape.tokens; ++j) {
      const auto place = static_cast<std::uint64_t>(i * shape.tokens + j);
      switch (form.what) {
        case FromValues::What::above_minimum: y.push_back(minimum + form.number); break;
        case FromValues::What::token_mean:
          y.push_back(sum / static_cast<double>(shape.tokens) +
                      form.number * attnlab::random_normal(host, seed, 1, place));
          break;
        case FromValues::What::mass: y.push_back(form.number * sum); break;
      }
    }
  }
  return y;
}

}  // namespace token_regression

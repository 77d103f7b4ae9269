// numbers.hpp: the option `inputs` or `targets`: explicit numbers, or a distribution to draw them
// from.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace token_regression {

struct Values {
  std::array<std::int64_t, 3> shape;  // [samples, tokens, columns]
  std::vector<double> numbers;        // row-major
};
struct Normal {
  double std = 1;
};
struct Uniform {
  double low = 0, high = 1;
};
struct ValueColumns {  // constructions.hpp
  std::int64_t heads = 1;
  double low = 1, high = 2;
};
struct FromValues {  // constructions.hpp
  enum class What { above_minimum, token_mean, mass } what;
  double number = 0;
};
using Numbers = std::variant<Values, Normal, Uniform, ValueColumns, FromValues>;

// Reads JSON: a nested list or {values: list}, {normal: std}, {uniform: [a, b]}, for `inputs`
// {value_columns: {heads, low, high}}, for `targets` {above_minimum: m}, {token_mean: s} or
// {mass: f}. Throws
// attnlab::Failure with a sentence that begins with `name`; a ragged list is told by the place of
// the row that differs.
Numbers numbers_from(const std::string& name, const std::string& json);

std::string shape_text(const std::array<std::int64_t, 3>& shape);  // "[4, 4, 32]"

}  // namespace token_regression

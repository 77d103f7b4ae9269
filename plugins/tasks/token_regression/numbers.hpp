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
using Numbers = std::variant<Values, Normal, Uniform>;

// Reads JSON: a nested list or {values: list}, {normal: std}, {uniform: [a, b]}. Throws
// attnlab::Failure with a sentence that begins with `name`; a ragged list is told by the place of
// the row that differs.
Numbers numbers_from(const std::string& name, const std::string& json);

std::string shape_text(const std::array<std::int64_t, 3>& shape);  // "[4, 4, 32]"

}  // namespace token_regression

// constructions.hpp: inputs and targets between which row-stochastic and free kernels differ.
//
// Inputs `value_columns` [samples][tokens][dim]: column 0 is 1, columns 1 .. H are U(low, high)/H,
// the others N(0, 1/dim). With `init: {W_V: value_columns, W_O: value_columns}` the scalar value of
// token j in head h is v_hj = X[j][1 + h] exactly, so that the outputs are sum_h S_h v_h.
//
// Targets, one output a token:
//   above_minimum m   y = sum_h min_j v_hj + m       m > 0: inside every hull, near its edge
//   token_mean s      y = mean over j of sum_h v_hj + s N(0, 1)
//   mass f            y = f sum_h sum_j v_hj         f > 1: more than a Gaussian can give
#pragma once

#include <attnlab/task.hpp>

#include "numbers.hpp"

namespace token_regression {

struct DataShape {
  std::int64_t samples, tokens, dim;
};

std::vector<double> value_columns(const ValueColumns& form, const DataShape& shape,
                                  const attnlab::Host& host, std::uint64_t seed);
std::vector<double> targets_of(const FromValues& form, std::int64_t heads,
                               const std::vector<double>& inputs, const DataShape& shape,
                               const attnlab::Host& host, std::uint64_t seed);

}  // namespace token_regression

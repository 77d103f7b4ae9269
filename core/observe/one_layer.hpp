// one_layer.hpp: the one-layer model of Yang et al. 2024 inside the model family: is a trial's
// model that one, and its matrices at one step.
//
//   F(X) = sum_l sum_j a_j w_j W_V X p_l      one-hot X, one head, no output projection, no biases
//
// Contract storage is [input, output], the paper's transposes: W_Q, W_K, W_V [d, m] here are W^T
// there, W_H1 [m, m1] is W^T, W_H2 [m1] is a.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "observe/measure.hpp"

namespace attnlab {

// Why a trial's model is not that model (or its loss or batch not the paper's); empty if it is.
std::string unlike_one_layer(const MeasureContext& context);

// Sum of products, in an order that does not depend on the machine.
double dot(std::span<const double> x, std::span<const double> y);

// A matrix, row-major, by rows.
struct Rows {
  std::vector<double> numbers;
  Index width = 0;
  std::span<const double> operator[](Index row) const {
    return {numbers.data() + row * width, static_cast<std::size_t>(width)};
  }
  Index count() const { return width > 0 ? std::ssize(numbers) / width : 0; }
};

struct OneLayer {
  const ParameterLayout* layout = nullptr;
  Rows parameter(const StepView& view, const char* name) const;
  Rows velocity(const StepView& view, const char* name) const;  // minus the gradient
};

}  // namespace attnlab

// directions.hpp: two random directions through a point, each filter as long as the weights that it
// moves (Li et al. 2018, arXiv 1712.09913, section 4). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/shape.hpp"

namespace attnlab {

// A filter is what makes one output number: a column of a matrix [input][output] of one head; a row
// of an embedding table. Biases, norms, matrices that are not trained and numbers that go beside a
// matrix do not move.
struct Directions {
  std::vector<double> alpha, beta;  // [layout.n]
};

// Normal numbers from `seed`, those of beta made orthogonal to those of alpha over all moving
// numbers, then each filter scaled to the norm of its weights in `parameters` [layout.n]: all
// within rounding. The same seed gives the same numbers before the scaling for every model of the
// same layout. Embedding tables (W_E, W_P) move only if asked for.
Directions filter_directions(const ParameterLayout& layout, std::span<const double> parameters,
                             std::uint64_t seed, bool with_embeddings);

// Does anything move? How many numbers?
Index n_moving(const ParameterLayout& layout, bool with_embeddings);

}  // namespace attnlab

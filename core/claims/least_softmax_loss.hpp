// least_softmax_loss.hpp: what the best queries of a softmax layer could reach, by a search on a
// grid (Song et al. 2024; papers/c_kernels 1.5, construction 2).
#pragma once

#include <optional>

#include "base/settings.hpp"

namespace attnlab {

// The least 1/2 sum |o(q_i) - y_i|^2 over queries q_i, each on its own, for one sample whose tokens
// are the unit vectors, so that W_Q gives every token its own query. None unless there is one head
// with key_dim 1, and inputs, targets, W_K, W_V and W_O are given as values.
std::optional<double> least_softmax_loss(const Settings& trial);

}  // namespace attnlab

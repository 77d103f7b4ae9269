// norm.hpp: what brings each row to one scale: layer norm, and division by the length.
#pragma once

#include "model/rows.hpp"

namespace attnlab {

// Layer norm (Ba et al. 2016) as in PyTorch: y = (x - mean) r * gain + bias, r = 1/sqrt(variance +
// 1e-5), variance divided by n. Keeps mean and r of each row in stats [rows][2].
template <class S>
void layer_norm(Rows<const S> x, const S* gain, const S* bias, Rows<S> y, S* stats);

// Turns d = dl/dy into dl/dx in place. Adds to d_gain and d_bias unless they are null.
template <class S>
void layer_norm_backward(Rows<const S> x, const S* gain, const S* stats, Rows<S> d, S* d_gain,
                         S* d_bias);

// y = x / |x|_2; a row of zeros stays zero. Keeps 1/|x| (or 0) in stats [rows].
template <class S>
void unit_norm(Rows<const S> x, Rows<S> y, S* stats);

template <class S>
void unit_norm_backward(Rows<const S> y, const S* stats, Rows<S> d);

}  // namespace attnlab

// activation.hpp: the functions between two linear maps.
#pragma once

#include "model/rows.hpp"
#include "model/shape.hpp"

namespace attnlab {

// x = f(x) in place. GELU is x Phi(x), the erf form. slope gets f'(x) for gelu; it may be null if
// there is no backward.
template <class S>
void activate(Activation f, Rows<S> x, S* slope);

// d *= f'(x), given y = f(x) (relu) or the slope that activate kept (gelu).
template <class S>
void activate_backward(Activation f, Rows<const S> y, const S* slope, Rows<S> d);

// out[i] = exp(x[i] - top); answers their sum. n numbers, top >= all of them; out may be x.
template <class S>
S exp_below(const S* x, S top, Index n, S* out);

}  // namespace attnlab

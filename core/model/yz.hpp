// yz.hpp: the passes where Y and Z are the parameters, and where Y follows the theory.
#pragma once

#include "model/inside.hpp"

namespace attnlab {

// yz.cpp: takes the room for a pass of the sizes that the workspace has.
template <class S>
void take_yz(Workspace<S>& space, const ModelShape& shape);

// yz.cpp: the whole pass.
template <class S>
Result<PassResult> yz_pass(const Pass<S>& pass, double* sample_loss, std::int8_t* sample_correct);

// yz.cpp: workspace.weights [n_tokens] = the attention weights of sample i of the last pass.
template <class S>
attnlab_status look_yz(const Parts<S>& model, const Batch<S>& batch, Index i, Workspace<S>& space);

// yz.cpp: given dl/df of sample i in space.yz.d_f, adds dl/dZ.
template <class S>
Result<Done> attention_gradient(const Pass<S>& pass, Index i);

// slaved_decoder.cpp: outputs [n_samples][M] of the slaved decoder.
template <class S>
void slaved_outputs(const Pass<S>& pass, Rows<S> outputs);
// Adds the velocities at rate 1, turned round, of Z, clock, B and Gamma.
template <class S>
Result<Done> slaved_velocity(const Pass<S>& pass);

}  // namespace attnlab

// jacobian.hpp: how every output moves with every trained parameter, and the step that follows from
// it.
#pragma once

#include <Eigen/Core>

#include "train/samples.hpp"

namespace attnlab {

// J [outputs of all samples][trained parameters] at `parameters`: row (sample, token, output),
// column as in the parameter vector. For squared loss only: with the target y = F - e_i the
// residual is e_i, so that the gradient of half the squared error is row i. One backward pass a
// row.
template <class S>
Result<Eigen::MatrixXd> jacobian(const Model<S>& model, const Samples<S>& samples,
                                 const TaskShape& task, Index n_trained, const S* parameters,
                                 Workspace<S>& workspace);

// Eigenvalues of J J^T, ascending.
Eigen::VectorXd tangent_spectrum(const Eigen::MatrixXd& jacobian);

inline constexpr Index most_jacobian_rows = 512;

}  // namespace attnlab

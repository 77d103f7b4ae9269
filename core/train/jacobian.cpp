// jacobian.cpp: one backward pass an output.
#include "train/jacobian.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>

namespace attnlab {

template <class S>
Result<Eigen::MatrixXd> jacobian(const Model<S>& model, const Samples<S>& samples,
                                 const TaskShape& task, Index n_trained, const S* parameters,
                                 Workspace<S>& workspace) {
  Samples<S> moved = samples;  // its targets are replaced
  Eigen::MatrixXd out(static_cast<Index>(moved.targets.size()), n_trained);
  std::vector<S> gradient(static_cast<std::size_t>(n_trained));
  Index row = 0;
  for (Index i = 0; i < samples.n; ++i) {
    const auto forward =
        model.pass(samples.batch(i, i + 1, task), parameters, {}, 0, false, 0, workspace);
    if (!forward) return forward.errors();
    const auto outputs = model.outputs(workspace);
    const std::vector<S> answers(outputs.begin(), outputs.end());
    const auto first = moved.targets.begin() + row;
    std::copy(answers.begin(), answers.end(), first);
    for (std::size_t k = 0; k < answers.size(); ++k, ++row) {
      *(first + static_cast<Index>(k)) = answers[k] - S(1);
      std::fill(gradient.begin(), gradient.end(), S(0));
      const auto passed =
          model.pass(moved.batch(i, i + 1, task), parameters, gradient, 1, false, 0, workspace);
      if (!passed) return passed.errors();
      *(first + static_cast<Index>(k)) = answers[k];
      for (Index p = 0; p < n_trained; ++p)
        out(row, p) = static_cast<double>(gradient[static_cast<std::size_t>(p)]);
    }
  }
  return out;
}

Eigen::VectorXd tangent_spectrum(const Eigen::MatrixXd& jacobian) {
  const Eigen::MatrixXd kernel = jacobian * jacobian.transpose();
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(kernel, Eigen::EigenvaluesOnly)
      .eigenvalues();
}

#define ATTNLAB_FOR(S)                                                             \
  template Result<Eigen::MatrixXd> jacobian<S>(const Model<S>&, const Samples<S>&, \
                                               const TaskShape&, Index, const S*, Workspace<S>&);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

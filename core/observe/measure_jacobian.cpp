// measure_jacobian.cpp: the tangent kernel J J^T of a regression model, J = d(outputs)/d(trained
// parameters) (Song et al. 2024; papers/c_kernels 2).
//
//   jacobian_lambda_max/min   largest and smallest eigenvalue of J J^T
//   jacobian_rank             number of singular values of J above 1e-10 of the largest
#include <Eigen/SVD>

#include "observe/measure_list.hpp"
#include "train/jacobian.hpp"

namespace attnlab {
namespace {

Index rows_of(const TaskShape& task) {
  return task.n_train * task.outputs * (task.target_per_token ? task.max_tokens : 1);
}

class JacobianSpectrum : public Measure {
 public:
  void begin(const TrialView& trial) override {
    rows_ = rows_of(trial.task);
    trained_ = trial.layout.n_trained;
  }
  void at(StepView& view, MeasureRow& row) override {
    const std::vector<double> numbers = view.jacobian();
    if (numbers.empty()) return;
    using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Map<const Matrix> j(numbers.data(), rows_, trained_);
    if (!j.allFinite()) return;
    const Eigen::MatrixXd tall = rows_ >= trained_ ? Eigen::MatrixXd(j) : j.transpose();
    const Eigen::VectorXd sigma = Eigen::JacobiSVD<Eigen::MatrixXd>(tall).singularValues();
    const double least = rows_ <= trained_ ? sigma[rows_ - 1] : 0.0;
    row.put("jacobian_lambda_max", sigma[0] * sigma[0]);
    row.put("jacobian_lambda_min", least * least);
    row.put("jacobian_rank", static_cast<double>((sigma.array() > 1e-10 * sigma[0]).count()));
  }

 private:
  Index rows_ = 0, trained_ = 0;
};

std::string unfit(const MeasureContext& c) {
  if (c.model.loss != Loss::squared || c.trial.at("training").at("batch") != "full" ||
      c.task.n_train <= 0 || c.task.target != TargetKind::real)
    return "it needs loss: squared, batch: full and targets that are numbers";
  if (c.layout.n_trained == 0) return "nothing is trained";
  if (rows_of(c.task) > most_jacobian_rows)
    return "the Jacobian would have more than " + std::to_string(most_jacobian_rows) + " rows";
  return "";
}

}  // namespace

MeasureKind jacobian_measure() {
  return {"jacobian",
          "largest and smallest eigenvalue and rank of J J^T (Song et al. 2024)",
          false,
          unfit,
          [](const MeasureContext&, Planner& planner) {
            planner.series("jacobian_lambda_max", {"record"}, "largest eigenvalue of J J^T");
            planner.series("jacobian_lambda_min", {"record"}, "smallest eigenvalue of J J^T");
            planner.series("jacobian_rank", {"record"}, "rank of J, s > 1e-10 s_1");
          },
          [] { return std::unique_ptr<Measure>(std::make_unique<JacobianSpectrum>()); }};
}

}  // namespace attnlab

// measure_sharpness.cpp: the largest eigenvalue of the Hessian of the loss at each record (Cohen et
// al. 2021, arXiv 2103.00065: gradient descent of rate h is stable below 2 / h).
//
//   sharpness            largest eigenvalue over the trained parameters, on the batch
//   sharpness_residual   |H v - lambda v| of its unit eigenvector
#include <algorithm>

#include "observe/measure_list.hpp"
#include "train/top_eigenvalues.hpp"

namespace attnlab {
namespace {

class Sharpness : public Measure {
 public:
  void begin(const TrialView& trial) override {
    trained_ = trial.layout.n_trained;
    seed_ = trial.settings.at("seed").get<std::uint64_t>();
  }
  void at(StepView& view, MeasureRow& row) override {
    const auto top = top_eigenvalues(
        trained_, 1, seed_, [&](std::span<const double> v, std::span<double> hv) -> Result<Done> {
          const std::vector<double> product = view.hessian_times(v);
          if (product.size() != hv.size()) return Error{"the Hessian", "has no product", ""};
          std::copy(product.begin(), product.end(), hv.begin());
          return Done{};
        });
    if (!top || top->values.empty()) return;  // NaN: not finite, or not converged
    row.put("sharpness", top->values[0]);
    row.put("sharpness_residual", top->residuals[0]);
  }

 private:
  Index trained_ = 0;
  std::uint64_t seed_ = 0;
};

std::string unfit(const MeasureContext& c) {
  if (c.layout.n_trained == 0) return "nothing is trained";
  if (c.model.parameterization == Parameterization::slaved_decoder)
    return "slaved_decoder has velocities and no gradient";
  if (c.trial.at("training").at("precision") != "float64")
    return "differences of gradients need training.precision: float64";
  return "";
}

}  // namespace

MeasureKind sharpness_measure() {
  return {"sharpness",
          "largest eigenvalue of the Hessian of the loss (Cohen et al. 2021)",
          false,
          unfit,
          [](const MeasureContext&, Planner& planner) {
            planner.series("sharpness", {"record"}, "largest eigenvalue of the Hessian");
            planner.series("sharpness_residual", {"record"},
                           "|H v - lambda v| of its unit eigenvector");
          },
          [] { return std::unique_ptr<Measure>(std::make_unique<Sharpness>()); }};
}

}  // namespace attnlab

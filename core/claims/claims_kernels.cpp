// claims_kernels.cpp: statements of Song et al., NeurIPS 2024 (arXiv 2411.07538), on training one
// attention layer by gradient descent.
#include <algorithm>
#include <cmath>

#include "claims/claim_list.hpp"
#include "claims/judging.hpp"

namespace attnlab {
namespace {

// Worst relative rise of the loss from one record to the next.
std::vector<Finding> monotone_loss(const Trials& trials) {
  constexpr double bound = 1e-12;
  return for_each_trial(trials, {"loss"}, bound, [](const TrialRecords& trial) {
    const RecordedArray loss = *trial.series("loss");
    double worst = 0;
    Index where = 0;
    for (Index s = 1; s < loss.rows(); ++s) {
      const double rise = (loss.at(s) - loss.at(s - 1) - 1e-28) / loss.at(s - 1);
      if (rise > worst) where = s;
      worst = std::max(worst, rise);
    }
    const std::vector<double> steps = trial.scale("record");
    const bool holds = worst <= bound;
    return Finding{"", holds, worst, bound,
                   holds ? text_of("the loss never rose over %td records", loss.rows())
                         : text_of("the loss rose by %.3g of itself before step %.0f", worst,
                                   steps[static_cast<std::size_t>(where)])};
  });
}

}  // namespace

std::vector<Claim> kernel_claims() {
  return {{"monotone_loss", "Song et al. 2024, gradient descent with a step of at most 1/L",
           "The training loss never rises.",
           "max over records of (f(t+1) - f(t) - 1e-28) / f(t) <= 1e-12", monotone_loss}};
}

}  // namespace attnlab

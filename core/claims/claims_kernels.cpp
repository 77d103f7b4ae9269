// claims_kernels.cpp: statements of Song et al., NeurIPS 2024 (arXiv 2411.07538) on updates that
// contain W_V: the loss falls linearly to zero. Predicates and tolerances: papers/c_kernels 2.
#include <algorithm>
#include <cmath>

#include "claims/claim_list.hpp"
#include "claims/judging.hpp"
#include "claims/series.hpp"

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

std::vector<Finding> global_convergence(const Trials& trials) {
  constexpr double bound = 1e-6;
  return for_each_trial(trials, {"loss"}, bound, [](const TrialRecords& trial) {
    const RecordedArray loss = *trial.series("loss");
    const double share = loss.at(loss.rows() - 1) / loss.at(0);
    return Finding{
        "", share < bound, share, bound,
        text_of("the loss went from %.4g to %.4g", loss.at(0), loss.at(loss.rows() - 1))};
  });
}

// |grad_V f|^2 / (2 mu f) is at least 1 while f is above the rounding of its own evaluation.
std::vector<Finding> value_gradient_bound(const Trials& trials) {
  const double bound = 1 - 1e-8;
  return for_each_trial(
      trials, {"loss", "grad_norm", "pl_constant"}, bound, [bound](const TrialRecords& trial) {
        const RecordedArray loss = *trial.series("loss"), norm = *trial.series("grad_norm"),
                            mu = *trial.series("pl_constant");
        const std::vector<std::string> names = trial.labels("matrix");
        const auto found = std::find(names.begin(), names.end(), "W_V");
        if (found == names.end()) return cannot_judge("", bound, "W_V is not trained");
        double least = std::numeric_limits<double>::infinity();
        for (Index s = 0; s < loss.rows(); ++s) {
          if (!(loss.at(s) > 1e-24 * loss.at(0)) || !(mu.at(s) > 0)) continue;
          const double g = norm.at(s, found - names.begin());
          least = std::min(least, g * g / (2 * mu.at(s) * loss.at(s)));
        }
        if (!std::isfinite(least))
          return cannot_judge("", bound, "the features B never had full row rank (HD < Nn?)");
        return Finding{"", least >= bound, least, bound,
                       text_of("|grad_V f|^2 was at least %.4g times 2 mu f", least)};
      });
}

// f(t + k) <= (1 - eta mu)^k f(t) between records k steps apart, mu the smaller of both ends.
std::vector<Finding> linear_rate_bound(const Trials& trials) {
  const double bound = 1 + 1e-9;
  return for_each_trial(
      trials, {"loss", "pl_constant", "learning_rate"}, bound, [bound](const TrialRecords& trial) {
        if (!trains(trial, "W_V")) return cannot_judge("", bound, "W_V is not trained");
        const RecordedArray loss = *trial.series("loss"), mu = *trial.series("pl_constant"),
                            rate = *trial.series("learning_rate");
        const std::vector<double> steps = trial.scale("record");
        double worst = 0;
        for (Index s = 1; s < loss.rows(); ++s) {
          if (!(loss.at(s) > 1e-24 * loss.at(0))) break;
          const auto i = static_cast<std::size_t>(s);
          const double k = steps[i] - steps[i - 1];
          const double least = std::min(mu.at(s), mu.at(s - 1));
          const double per_step = std::pow(loss.at(s) / loss.at(s - 1), 1 / k);
          worst = std::max(worst, per_step / (1 - rate.at(s - 1) * least));
        }
        return Finding{
            "", worst <= bound && worst > 0, worst, bound,
            text_of("a step multiplied the loss by at most %.6g times 1 - eta mu", worst)};
      });
}

// Records whose loss lies in [1e-20, 1e-3] f_0, as a line of log f against the step.
Line tail_of(const TrialRecords& trial) {
  const RecordedArray loss = *trial.series("loss");
  const std::vector<double> steps = trial.scale("record");
  std::vector<double> x, y;
  for (Index s = 0; s < loss.rows(); ++s) {
    const double share = loss.at(s) / loss.at(0);
    if (share < 1e-20) break;
    if (share > 1e-3) continue;
    x.push_back(steps[static_cast<std::size_t>(s)]);
    y.push_back(std::log(loss.at(s)));
  }
  return fit_line(x, y);
}

std::vector<Finding> linear_convergence(const Trials& trials) {
  constexpr double bound = 0.98;
  return for_each_trial(trials, {"loss"}, bound, [](const TrialRecords& trial) {
    const Line line = tail_of(trial);
    if (line.n < 20)
      return cannot_judge("", bound,
                          text_of("only %td records have a loss between 1e-20 and 1e-3 "
                                  "of the first; 20 are needed",
                                  line.n));
    return Finding{"", line.r2 >= bound && line.slope < 0, line.r2, bound,
                   text_of("log loss falls by %.4g a step, R^2 = %.4f over %td records", line.slope,
                           line.r2, line.n)};
  });
}

// Measured slope over 2 log(1 - eta lambda_min(J J^T)).
std::vector<Finding> predicted_rate(const Trials& trials) {
  return for_each_trial(
      trials, {"loss", "jacobian_lambda_min", "learning_rate"}, 0.9, [](const TrialRecords& trial) {
        const Line line = tail_of(trial);
        if (line.n < 20)
          return cannot_judge("", 0.9, "fewer than 20 records lie in the linear tail");
        const RecordedArray least = *trial.series("jacobian_lambda_min"),
                            rate = *trial.series("learning_rate");
        const Index last = least.rows() - 1;
        const double predicted = 2 * std::log1p(-rate.at(last) * least.at(last));
        const double ratio = line.slope / predicted;
        const bool only_v = !trains(trial, "W_Q") && !trains(trial, "W_K");
        const double most = only_v ? 1.1 : 3;
        return Finding{
            "", ratio >= 0.9 && ratio <= most, ratio, 0.9,
            text_of("log loss falls %.4f times as fast as lambda_min(J J^T) says (0.9 to %g "
                    "is asked for)",
                    ratio, most)};
      });
}

std::vector<Finding> feature_rank_kept(const Trials& trials) {
  constexpr double bound = 0.5;
  return for_each_trial(trials, {"feature_sigma_min"}, bound, [](const TrialRecords& trial) {
    const RecordedArray sigma = *trial.series("feature_sigma_min");
    double least = sigma.at(0);
    for (Index s = 0; s < sigma.rows(); ++s) least = std::min(least, sigma.at(s));
    const double share = sigma.at(0) > 0 ? least / sigma.at(0) : 0;
    return Finding{
        "", share >= bound, share, bound,
        text_of("sigma_min(B) began at %.4g and never fell below %.4g", sigma.at(0), least)};
  });
}

// W_V alone: f_T is the least-squares residual, which is zero exactly when HD >= Nn.
std::vector<Finding> width_transition(const Trials& trials) {
  constexpr double bound = 0.02;
  return for_each_trial(
      trials, {"loss", "least_squares_residual"}, bound, [](const TrialRecords& trial) {
        if (!trains_only(trial, "W_V")) return cannot_judge("", bound, "stated for W_V alone");
        const RecordedArray loss = *trial.series("loss"),
                            residual = *trial.series("least_squares_residual");
        const double f0 = loss.at(0), f = loss.at(loss.rows() - 1), least = residual.at(0);
        const double width =
            number_setting(trial, "model.heads", 1) * number_setting(trial, "task.dim", 32);
        const double rows =
            number_setting(trial, "task.samples", 4) * number_setting(trial, "task.tokens", 4);
        if (width >= rows) {
          return Finding{"", least < 1e-20, least, 1e-20,
                         text_of("HD = %g >= Nn = %g: least-squares residual %.3g, final loss %.3g",
                                 width, rows, least, f)};
        }
        const double off = f / least - 1;
        return Finding{"", std::abs(off) <= bound && least > 1e-2 * f0, off, bound,
                       text_of("HD = %g < Nn = %g: final loss %.4g, least-squares residual %.4g",
                               width, rows, f, least)};
      });
}

std::vector<std::string> outside_kernels(const Settings& trial) {
  const auto is = [&](const char* path, const char* word) { return setting(trial, path) == word; };
  if (!is("loss", "squared")) return {"the theory of Song et al. 2024 is about the squared loss"};
  std::vector<std::string> out;
  if (!is("optimizer.plugin", "gradient_descent") ||
      number_setting(trial, "optimizer.momentum", 0) != 0)
    out.emplace_back("the paper's theory is about plain gradient descent, without momentum");
  if (!is("training.batch", "full"))
    out.emplace_back("the paper's gradient is that of all samples");
  if (!is("model.residual", "false") || !is("model.norm", "none") ||
      !is("model.feed_forward", "none") || !is("model.head", "none"))
    out.emplace_back("the paper's model is one layer of attention, without residual, norm and MLP");
  return out;
}

}  // namespace

std::vector<Claim> kernel_claims() {
  const std::string paper = "Song et al. 2024, ";
  std::vector<Claim> out = {
      {"monotone_loss", paper + "gradient descent with a step of at most 1/L",
       "The training loss never rises.",
       "max over records of (f(t+1) - f(t) - 1e-28) / f(t) <= 1e-12", monotone_loss},
      {"global_convergence", paper + "updates that contain W_V, or W_Q with a Gaussian kernel",
       "Gradient descent reaches zero loss.", "f_T / f_0 < 1e-6", global_convergence},
      {"value_gradient_bound", paper + "T-V",
       "The gradient of W_V bounds the loss (Polyak-Lojasiewicz).",
       "min over records of |grad_V f|^2 / (2 mu f) >= 1 - 1e-8, mu = sigma_min(B)^2 min_h "
       "sigma_m(W_O^h)^2",
       value_gradient_bound},
      {"linear_rate_bound", paper + "T-V and T-QKV",
       "Every step multiplies the loss by at most 1 - eta mu.",
       "max over records of (f(t+k)/f(t))^(1/k) / (1 - eta mu) <= 1 + 1e-9", linear_rate_bound},
      {"linear_convergence", paper + "linear convergence",
       "The logarithm of the loss falls along a line.",
       "R^2 >= 0.98 of log f against t where f/f_0 is in [1e-20, 1e-3]", linear_convergence},
      {"predicted_rate", paper + "tail rate of T-V",
       "The tail falls as the smallest eigenvalue of J J^T says.",
       "slope / (2 log(1 - eta lambda_min)) in [0.9, 1.1] for W_V alone, [0.9, 3] else",
       predicted_rate},
      {"feature_rank_kept", paper + "condition of T-QKV",
       "The features keep their smallest singular value along the path.",
       "min over records of sigma_min(B) >= 0.5 of its start", feature_rank_kept},
      {"width_transition", paper + "over-parameterisation HD >= Nn",
       "Training W_V alone reaches zero loss exactly when HD >= Nn.",
       "HD < Nn: f_T within 2 % of the least-squares residual, which is above 1e-2 f_0; else the "
       "residual is below 1e-20",
       width_transition}};
  for (Claim& claim : query_claims()) out.push_back(std::move(claim));
  for (Claim& claim : out) claim.outside = outside_kernels;
  return out;
}

}  // namespace attnlab

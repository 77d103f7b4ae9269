// scan_snap_outside.cpp: where a trial leaves the assumptions of Tian et al. 2023 (section 1.5 of
// papers/b_scan_and_snap: Assumption 1; section 5: where each statement was found to hold).
#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"
#include "claims/series.hpp"

namespace attnlab {

std::vector<std::string> outside_scan(const Settings& trial) {
  if (setting(trial, "task.plugin") != "token_classes")
    return {"the claims of Tian et al. 2023 on scan and snap are about the task token_classes"};
  std::vector<std::string> out;
  const std::string form = setting(trial, "model.parameterization"),
                    kernel = setting(trial, "model.attention.kernel.plugin"),
                    optimizer = setting(trial, "optimizer.plugin");
  if (form != "yz" && form != "slaved_decoder")
    out.push_back("Y and Z are not the parameters (parameterization: " + form + ")");
  if (kernel != "softmax") out.push_back("attention is " + kernel + ", the paper's is softmax");
  if (form == "yz" && setting(trial, "model.norm") != "l2")
    out.emplace_back("attention is not normalised (norm: l2)");
  if (setting(trial, "model.residual") == "true")
    out.emplace_back("the model has a residual, the paper's has none");
  if (optimizer != "gradient_flow" && optimizer != "gradient_descent")
    out.push_back("the optimizer is " + optimizer + ", the paper follows the gradient");
  const double eta_Y = matrix_rate(trial, "Y"), eta_Z = matrix_rate(trial, "Z");
  if (eta_Y < eta_Z)
    out.push_back(
        text_of("the decoder is slower than attention: eta_Y = %g, eta_Z = %g "
                "(Assumption 1c)",
                eta_Y, eta_Z));
  return out;
}

std::vector<std::string> outside_scan_order(const Settings& trial) {
  std::vector<std::string> out = outside_scan(trial);
  const Settings* const init = find(trial, "model.init");
  bool zero = init && !init->empty();
  if (zero)
    for (const auto& scheme : *init) zero = zero && scheme == "zeros";
  if (!zero) out.emplace_back("Y and Z do not start at zero: first values act as a prior");
  return out;
}

std::vector<std::string> outside_theorem_4(const Settings& trial) {
  std::vector<std::string> out = outside_scan(trial);
  const double K = number_setting(trial, "task.num_last", 1) *
                   number_setting(trial, "task.num_next_per_last", 1),
               shared = number_setting(trial, "task.num_common", 0) +
                        number_setting(trial, "task.num_common_per_last", 0),
               unique = number_setting(trial, "task.num_unique_per_next", 1),
               mass = shared / (shared + (unique == 1 ? 0.1 : 0.55 * unique));
  if (shared != 1) out.push_back(text_of("there are %g common tokens, not one", shared));
  if (mass > 0.05 && !(mass <= 0.1 && K <= 10))
    out.push_back(
        text_of("the common token has a mass of %.3g; the law is good to a tenth up to "
                "0.05, with ten classes or fewer up to 0.1",
                mass));
  return out;
}

}  // namespace attnlab

// claims_cooccurrence_exact.cpp: what must hold exactly, or to leading order, in the model of Yang
// et al. 2024: identities, conserved quantities, closed forms.
#include <algorithm>
#include <cmath>

#include "claims/cooccurrence_duals.hpp"

namespace attnlab {
namespace {

std::size_t at(Index record) { return static_cast<std::size_t>(record); }

bool is_flow(const TrialRecords& trial) {
  const Settings* const plugin = find(trial.settings(), "optimizer.plugin");
  return plugin && *plugin == "gradient_flow";
}

std::vector<Finding> neuron_sum_identity(const Trials& trials) {
  constexpr double bound = 1e-9;
  return for_each_trial(trials, {"neuron_correlation_rate", "neuron_correlation_rate_from_margins"},
                        bound, [](const TrialRecords& trial) {
                          const auto one = *trial.series("neuron_correlation_rate"),
                                     other = *trial.series("neuron_correlation_rate_from_margins");
                          double worst = 0;
                          for (Index s = 0; s < one.rows(); ++s)
                            worst = std::max(
                                worst, std::abs(one.at(s) - other.at(s)) / std::abs(other.at(s)));
                          return at_most(worst, bound, "the two sides differ by");
                        });
}

std::vector<Finding> flow_invariants(const Trials& trials) {
  return for_each_trial(
      trials, {"value_invariant_drift", "score_invariant_drift"}, not_measured,
      [](const TrialRecords& trial) {
        double worst = 0;
        for (const char* name : {"value_invariant_drift", "score_invariant_drift"})
          worst = std::max(worst, std::ranges::max(trial.series(name)->values));
        return at_most(worst, is_flow(trial) ? 1e-6 : 1e-2, "they drifted by up to");
      });
}

std::vector<Finding> rank_one(const Trials& trials) {
  constexpr double bound = 1e-8;
  return for_each_trial(trials, {"rank_one_residual"}, bound, [](const TrialRecords& trial) {
    return at_most(std::ranges::max(trial.series("rank_one_residual")->values), bound,
                   "the rest is up to");
  });
}

std::vector<Finding> rate_constant(const Trials& trials) {
  constexpr double bound = 0.05;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords& trial) {
        const PaperSizes sizes = PaperSizes::of(trial.settings());
        if (!sizes.distinct)
          return cannot_judge("", bound, "the formula is for distinct random tokens");
        // |r|^2 = |W_V'|^2 / S, and S_eff |r|^2 is the power of W_H1 and W_V.
        const auto effective = [&](Index s) {
          return (c.power[at(s)] - c.score_power[at(s)]) * c.neuron_sum[at(s)] /
                 c.value_power[at(s)];
        };
        double integral = 0;
        for (Index s = 1; s < c.n; ++s)
          integral += (effective(s) + effective(s - 1)) / 2 * (c.time[at(s)] - c.time[at(s - 1)]);
        const double product = c.loss.back() * duals_of(sizes).margin_squared() * integral;
        return at_most(std::abs(product - 1), bound,
                       text_of("L gamma^2 int S_eff dt ends at %.4g; off 1 by", product));
      });
}

std::vector<Finding> score_speed(const Trials& trials) {
  constexpr double bound = 1.5;
  return for_each_course(
      trials, Needs::second_phase, bound, [](const Course& c, const TrialRecords& trial) {
        const auto variance = trial.series("score_weight_variance");
        if (!variance) return cannot_judge("", bound, "score_weight_variance was not recorded");
        const PaperSizes sizes = PaperSizes::of(trial.settings());
        const Settings* const kernel = find(trial.settings(), "model.attention.kernel");
        double temperature = std::sqrt(sizes.width);
        if (kernel && kernel->contains("temperature") && kernel->at("temperature").is_number())
          temperature = kernel->at("temperature").get<double>();
        double least = std::numeric_limits<double>::infinity(), most = -least;
        for (Index s = c.second; s < c.n; ++s) {
          const double k = 2 * variance->at(0) * sizes.width / (temperature * sizes.length),
                       g1 = c.g(s, 0), g2 = c.g(s, 1), g3 = c.g(s, 2), l = sizes.length,
                       f1 = (g1 + g2 + g3) / l, f2 = (g1 + g3) / l, f3 = (g2 + g3) / l,
                       s1 = c.gs.at(s, 0), s2 = c.gs.at(s, 1), s3 = c.gs.at(s, 2);
          const double ratios[] = {c.rate(s, 2, 1) / (k * s1 * (g2 - f1)),
                                   c.rate(s, 1, 2) / (k * s1 * (g1 - f1)),
                                   c.rate(s, 3, 1) / (k * (s1 * (g3 - f1) - s2 * (g3 - f2))),
                                   c.rate(s, 3, 2) / (k * (s1 * (g3 - f1) - s3 * (g3 - f3)))};
          for (const double ratio : ratios) {
            least = std::min(least, ratio);
            most = std::max(most, ratio);
          }
        }
        Finding out = at_most(most, bound,
                              text_of("measured over predicted speed of the four scores is %.3g .. "
                                      "%.3g in phase 2; its most is",
                                      least, most));
        out.holds = out.holds && least >= 0.5;
        return out;
      });
}

}  // namespace

std::vector<Claim> cooccurrence_exact() {
  const std::string by = "Yang et al. 2024, ", ours = "follows from the flow of Yang et al. 2024";
  const auto outside = outside_cooccurrence;
  return {{"neuron_sum_identity", by + "eq. 5, Lemma F.4",
           "The neurons' correlation sum grows as the margins say.",
           "S' = (2 m1 / n) sum_i g_i y_i F_i to 1e-9 at every record", neuron_sum_identity},
          {"flow_invariants", ours, "Gradient flow conserves what paired layers share.",
           "relative drift of W^T W - W_V W_V^T and W_K W_K^T - W_Q W_Q^T <= 1e-6 (flow), 1e-2 "
           "(descent)",
           flow_invariants},
          {"rank_one", ours, "The first layer of the MLP moves along the signs a only.",
           "|W(t) - W(0) - a c(t)^T| / |W(0)| <= 1e-8", rank_one},
          {"rate_constant", ours, "The loss falls as the max-margin duals say.",
           "|L(T) gamma^2 int S_eff dt - 1| <= 0.05", rate_constant, outside},
          {"score_speed", ours, "Score correlations move at the speed of the leading order.",
           "A21', A12', A31', A32' over their leading order in [0.5, 1.5] for t >= T1", score_speed,
           outside}};
}

}  // namespace attnlab

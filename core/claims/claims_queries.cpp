// claims_queries.cpp: statements of Song et al., NeurIPS 2024 on training W_Q alone: row-stochastic
// kernels may stall where free ones converge. Predicates: papers/c_kernels 1.4, 1.5, 2.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "claims/claim_list.hpp"
#include "claims/judging.hpp"
#include "claims/least_softmax_loss.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

std::string kernel_of(const TrialRecords& trial) {
  return setting(trial, "model.attention.kernel.plugin", "softmax");
}

// Kernels whose weights of a query sum to one (contract section 4, papers/c_kernels 6).
bool is_row_stochastic(const std::string& kernel) {
  constexpr std::array names{"softmax", "normalized_gaussian", "cosine", "sparsemax", "entmax15",
                             "linear"};
  return std::ranges::find(names, kernel) != names.end();
}

struct Course {
  double start = 0, half = 0, end = 0, floor = 0, slope = 0;  // slope: |gradient| at the end
};

Course course_of(const TrialRecords& trial) {
  const RecordedArray loss = *trial.series("loss"), norm = *trial.series("grad_norm");
  const std::vector<double> steps = trial.scale("record");
  const Index last = loss.rows() - 1;
  Course out{loss.at(0), loss.at(0), loss.at(last), not_measured, 0};
  for (Index s = 0; s < loss.rows(); ++s)
    if (steps[static_cast<std::size_t>(s)] <= steps.back() / 2) out.half = loss.at(s);
  for (Index m = 0; m < norm.row_size(); ++m) out.slope += std::pow(norm.at(last, m), 2);
  out.slope = std::sqrt(out.slope);
  if (const auto floor = trial.series("convex_floor")) out.floor = floor->at(last);
  return out;
}

bool stalls(const Course& c) {
  return c.end >= c.floor * (1 - 1e-9) && c.end > 0.1 * c.start && c.half - c.end < 0.02 * c.end &&
         c.slope < 1e-2 * std::sqrt(c.end);
}

// Why constructions for W_Q alone with targets outside the hull do not speak of this trial.
std::string unlike_construction(const TrialRecords& trial, const Course& c) {
  if (!trains_only(trial, "W_Q")) return "stated for W_Q alone";
  return c.floor > 0 ? "" : "stated for targets outside the hull of the values";
}

// P-stall for row-stochastic kernels; for free ones the claim is that they do not stall.
std::vector<Finding> row_stochastic_stall(const Trials& trials) {
  constexpr double bound = 0.1;
  return for_each_trial(
      trials, {"loss", "grad_norm", "convex_floor"}, bound, [](const TrialRecords& trial) {
        const Course c = course_of(trial);
        if (const std::string why = unlike_construction(trial, c); !why.empty())
          return cannot_judge("", bound, why);
        const bool stalled = stalls(c);
        return Finding{"", stalled == is_row_stochastic(kernel_of(trial)), c.end / c.start, bound,
                       text_of("%s %s: loss %.4g of %.4g, floor of row-stochastic kernels %.4g, "
                               "|gradient| %.2g",
                               kernel_of(trial).c_str(), stalled ? "stalls" : "does not stall",
                               c.end, c.start, c.floor, c.slope)};
      });
}

// P-sep: one finding a seed over the kernels of a sweep.
std::vector<Finding> kernel_separation(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group :
       groups_that_differ_in(trials, {"model.attention.kernel", "optimizer.learning_rate"})) {
    Finding finding{trials_text(group), true, 0, 1e-6, ""};
    bool fixed = false, free = false;
    for (const TrialRecords* trial : group) {
      if (!trial->done() || !trial->series("convex_floor")) {
        finding = cannot_judge(finding.trials, 1e-6,
                               trial_text(*trial) + " is not done or lacks convex_floor");
        break;
      }
      const Course c = course_of(*trial);
      if (const std::string why = unlike_construction(*trial, c); !why.empty()) {
        finding = cannot_judge(finding.trials, 1e-6, why);
        break;
      }
      const std::string kernel = kernel_of(*trial);
      const double share = c.end / c.start;
      bool as_said = true;
      if (is_row_stochastic(kernel)) {
        fixed = true;
        as_said = stalls(c);
      } else if (kernel == "exponential") {
        as_said = c.end < 0.5 * c.floor;
      } else {
        free = true;
        as_said = share < 1e-6;
        finding.measured = std::max(finding.measured, share);
      }
      finding.holds = finding.holds && as_said;
      finding.sentence +=
          text_of("%s%s %.3g of f_0 (floor %.3g)%s", finding.sentence.empty() ? "" : "; ",
                  kernel.c_str(), share, c.floor / c.start, as_said ? "" : ", not as said");
    }
    if (!std::isnan(finding.measured) && !(fixed && free))
      finding = too_few_trials(finding.trials, 1e-6,
                               "the sweep needs a row-stochastic kernel beside a free one");
    out.push_back(finding);
  }
  return out;
}

// P-sepN: over all seeds.
std::vector<Finding> separation_over_seeds(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : groups_that_differ_in(
           trials, {"seed", "model.attention.kernel", "optimizer.learning_rate"})) {
    std::array<Index, 2> converged{0, 0}, total{0, 0};
    for (const TrialRecords* trial : group) {
      const std::string kernel = kernel_of(*trial);
      if (kernel != "softmax" && kernel != "gaussian") continue;
      const std::size_t which = kernel == "gaussian" ? 1 : 0;
      ++total[which];
      const auto loss = trial->series("loss");
      if (trial->done() && loss && loss->at(loss->rows() - 1) < 1e-4 * loss->at(0))
        ++converged[which];
    }
    if (total[0] < 20 || total[1] < 20) {
      out.push_back(too_few_trials(trials_text(group), 0.95,
                                   "the sweep needs softmax and gaussian with 20 seeds each"));
      continue;
    }
    const double share = static_cast<double>(converged[1]) / static_cast<double>(total[1]);
    out.push_back({trials_text(group), converged[0] == 0 && share >= 0.95, share, 0.95,
                   text_of("reached 1e-4 of the first loss: softmax %td of %td seeds, gaussian %td "
                           "of %td",
                           converged[0], total[0], converged[1], total[1])});
  }
  return out;
}

// P-basin: softmax runs away although some queries have next to no loss; the Gaussian arrives.
std::vector<Finding> basin_at_infinity(const Trials& trials) {
  constexpr double bound = 0.05, reachable = 1e-4;
  return for_each_trial(trials, {"loss", "grad_norm"}, bound, [](const TrialRecords& trial) {
    const Course c = course_of(trial);
    const std::string kernel = kernel_of(trial);
    if (!trains_only(trial, "W_Q")) return cannot_judge("", bound, "stated for W_Q alone");
    if (!is_row_stochastic(kernel))
      return Finding{
          "", c.end < 1e-12, c.end, 1e-12,
          text_of("%s ends at loss %.4g with |gradient| %.2g", kernel.c_str(), c.end, c.slope)};
    const auto least = least_softmax_loss(trial.settings());
    if (!least || kernel != "softmax")
      return cannot_judge("", bound,
                          "what queries can reach is known for softmax, one head, key_dim 1 and "
                          "data and matrices that are given as values only");
    return Finding{"", c.end > bound && c.slope < 1e-3 && *least < reachable, c.end, bound,
                   text_of("softmax ends at loss %.4g with |gradient| %.2g; the best queries have "
                           "%.2g",
                           c.end, c.slope, *least)};
  });
}

// Rank of J_Q: one dimension a token is lost by a row-stochastic kernel (H = 1, m = n).
std::vector<Finding> jacobian_rank(const Trials& trials) {
  return for_each_trial(trials, {"jacobian_rank"}, not_measured, [](const TrialRecords& trial) {
    const double n = number_setting(trial, "task.tokens", 4);
    if (!trains_only(trial, "W_Q") || number_setting(trial, "model.heads", 1) != 1 ||
        number_setting(trial, "task.outputs", 1) != n)
      return cannot_judge("", not_measured,
                          "stated for W_Q alone, one head and as many outputs as tokens");
    const double rows =
        number_setting(trial, "task.samples", 4) * n * number_setting(trial, "task.outputs", 1);
    const double rank = trial.series("jacobian_rank")->at(0);
    const std::string kernel = kernel_of(trial);
    const double expected = is_row_stochastic(kernel) ? rows * (n - 1) / n : rows;
    return Finding{"", rank == expected, rank, expected,
                   text_of("%s: rank J_Q = %.0f of %.0f rows", kernel.c_str(), rank, rows)};
  });
}

// P-gneg: a kernel whose weights are 1 at most cannot reach more than the mass of the values:
// f >= 1/2 sum (y - sum_j v_j)_+^2 for every W_Q.
std::vector<Finding> gaussian_out_of_reach(const Trials& trials) {
  return for_each_trial(
      trials, {"loss", "mass_floor"}, not_measured, [](const TrialRecords& trial) {
        if (kernel_of(trial) != "gaussian" || !trains_only(trial, "W_Q"))
          return cannot_judge("", not_measured, "stated for the gaussian kernel and W_Q alone");
        const RecordedArray loss = *trial.series("loss"), floors = *trial.series("mass_floor");
        double least = loss.at(0);
        for (Index s = 0; s < loss.rows(); ++s) least = std::min(least, loss.at(s));
        const double floor = floors.at(floors.rows() - 1);
        return Finding{"", floor > 0 && least >= floor * (1 - 1e-9), least, floor,
                       text_of("the loss never fell below %.4g of %.4g; weights of 1 would leave "
                               "%.4g",
                               least, loss.at(0), floor)};
      });
}

// P-gneg, second half: too large a step drives the queries away from all keys, a small one does
// not.
std::vector<Finding> gaussian_dies_of_large_steps(const Trials& trials) {
  constexpr double bound = 1e-6;
  std::vector<Finding> out;
  for (const Trials& group : groups_that_differ_in(trials, {"optimizer.learning_rate"})) {
    std::map<double, const TrialRecords*> by_rate;
    for (const TrialRecords* trial : group) {
      const double rate = number_setting(*trial, "optimizer.learning_rate", not_measured);
      if (trial->done() && kernel_of(*trial) == "gaussian" && trains_only(*trial, "W_Q") &&
          trial->series("kernel_row_mass") && !std::isnan(rate))
        by_rate[rate] = trial;
    }
    if (by_rate.size() < 2) {
      out.push_back(
          too_few_trials(trials_text(group), bound,
                         "it needs two learning rates with the gaussian kernel, W_Q alone "
                         "and kernel_row_mass"));
      continue;
    }
    const auto& [small, gentle] = *by_rate.begin();
    const auto& [large, rash] = *by_rate.rbegin();
    const RecordedArray mass = *rash->series("kernel_row_mass");
    const Course slow = course_of(*gentle), fast = course_of(*rash);
    const double left = mass.at(mass.rows() - 1);
    out.push_back(
        {trials_text(group), left < bound && fast.end > fast.start && slow.end < 1e-6 * slow.start,
         left, bound,
         text_of("rate %g: mean row sum %.2g at the end, loss %.4g of %.4g; rate %g: loss "
                 "%.2g of %.4g",
                 large, left, fast.end, fast.start, small, slow.end, slow.start)});
  }
  return out;
}

// Drift of the kernel matrices grows with the scale of the values (trend over a sweep of W_V).
std::vector<Finding> drift_grows_with_values(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group :
       groups_that_differ_in(trials, {"model.init.W_V", "optimizer.learning_rate"})) {
    std::vector<std::pair<double, double>> points;  // scale, final drift
    for (const TrialRecords* trial : group) {
      const auto drift = trial->series("kernel_drift");
      const double scale = number_setting(*trial, "model.init.W_V.normal", not_measured);
      if (trial->done() && drift && !std::isnan(scale))
        points.emplace_back(scale, drift->at(drift->rows() - 1));
    }
    if (points.size() < 3) {
      out.push_back(too_few_trials(trials_text(group), 0,
                                   "the sweep needs three scales model.init.W_V.normal"));
      continue;
    }
    std::ranges::sort(points);
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < points.size(); ++i)
      least = std::min(least, points[i].second - points[i - 1].second);
    out.push_back({trials_text(group), least > 0, least, 0,
                   text_of("drift %.3g at scale %g, %.3g at scale %g", points.front().second,
                           points.front().first, points.back().second, points.back().first)});
  }
  return out;
}

}  // namespace

std::vector<Claim> query_claims() {
  const std::string paper = "Song et al. 2024, ";
  return {
      {"row_stochastic_stall", paper + "W_Q alone, construction 1",
       "With targets outside the hull of the values, kernels whose rows sum to one stall above "
       "their "
       "floor; others do not.",
       "f_T >= floor, f_T > 0.1 f_0, (f_{T/2} - f_T) < 0.02 f_T, |g| < 1e-2 sqrt(f_T)",
       row_stochastic_stall},
      {"kernel_separation", paper + "W_Q alone, construction 1",
       "For one seed, row-stochastic kernels stall while the Gaussian converges.",
       "softmax and the like stall; gaussian and the like f_T < 1e-6 f_0; exponential f_T < half "
       "the floor",
       kernel_separation},
      {"separation_over_seeds", paper + "W_Q alone, construction 1",
       "Over many seeds softmax never converges and the Gaussian nearly always does.",
       "f_T < 1e-4 f_0 for 0 softmax trials and at least 95 % of the gaussian ones, 20 seeds or "
       "more",
       separation_over_seeds},
      {"basin_at_infinity", paper + "W_Q alone, construction 2",
       "Softmax may run away to a basin at infinity although zero loss is reachable; the Gaussian "
       "does not.",
       "softmax: f_T > 0.05, |g| < 1e-3, and queries on a grid reach f < 1e-4; gaussian: f_T < "
       "1e-12",
       basin_at_infinity},
      {"jacobian_rank", paper + "T-Q-softmax",
       "A kernel whose rows sum to one loses one dimension of J_Q a token.",
       "rank J_Q at the start = Nn(n - 1) for row-stochastic kernels, Nn m else (H = 1, m = n)",
       jacobian_rank},
      {"gaussian_out_of_reach", paper + "T-Q-Gauss, its limits",
       "Targets above the total mass of the values cannot be reached by the Gaussian.",
       "min over records of f >= 1/2 sum (y - sum_j v_j)_+^2 > 0", gaussian_out_of_reach},
      {"gaussian_dies_of_large_steps", paper + "T-Q-Gauss, its limits",
       "Too large a step kills the Gaussian: its queries leave all keys.",
       "largest rate: mean row sum at the end < 1e-6 and f_T > f_0; smallest: f_T < 1e-6 f_0",
       gaussian_dies_of_large_steps},
      {"drift_grows_with_values", paper + "condition on the ratio of W_Q, W_K to W_V",
       "The kernel matrices move more, the larger W_V is.",
       "final drift strictly grows along the scales of W_V", drift_grows_with_values}};
}

}  // namespace attnlab

// claims_snap.cpp: statements of Tian et al. 2023 on the decoder's clock and the snap. Predicates
// and tolerances: papers/b_scan_and_snap 5.3, 5.4, 5.6.
#include <algorithm>
#include <cmath>

#include "base/order_statistics.hpp"
#include "claims/judging.hpp"
#include "claims/scan_snap.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

// Where the parabola through the largest of these values and its neighbours, over ln(time), is
// highest.
double peak_time(const RecordedArray& values, const std::vector<double>& time) {
  Index top = 0;
  for (Index s = 1; s < values.rows(); ++s)
    if (values.at(s) > values.at(top)) top = s;
  const auto t = [&](Index s) { return time[static_cast<std::size_t>(s)]; };
  if (top == 0 || top + 1 == values.rows() || !(t(top - 1) > 0)) return t(top);
  const double left = std::log(t(top) / t(top - 1)), right = std::log(t(top + 1) / t(top)),
               fall = (values.at(top) - values.at(top - 1)) / left,
               after = (values.at(top) - values.at(top + 1)) / right,
               bend = fall + after;  // > 0 unless all three are equal
  return bend > 0 ? t(top) * std::exp((fall * right - after * left) / (2 * bend)) : t(top);
}

// gamma begins as eta t / K, peaks at 0.40 - 0.46 t0, and its tail is K ln(M eta t / K) / (eta t);
// xi_n > 0: every B_n grows.
std::vector<Finding> decoder_gain_peak(const Trials& trials) {
  return for_each_scan(
      trials, 0.46,
      [](const TrialRecords& trial, const ScanTrial& t) {
        const RecordedArray gain = *trial.series("decoder_gain"), B = *trial.series("scan_B");
        const auto K = static_cast<double>(t.classes), M = static_cast<double>(t.vocabulary);
        std::vector<double> starts, tails;
        bool grows = true;
        for (Index s = 1; s < gain.rows(); ++s) {
          const double time = t.time[static_cast<std::size_t>(s)], clock = t.rate_Y * time / K;
          if (time <= 0.02 * t.t0) starts.push_back(gain.at(s) / clock);
          if (time >= 30 * t.t0) tails.push_back(gain.at(s) * clock / std::log(M * clock));
          for (Index n = 0; n < t.classes; ++n) grows = grows && B.at(s, n) > B.at(s - 1, n);
        }
        if (starts.empty() || tails.empty())
          return cannot_judge("", 0.46, "it needs records up to 0.02 t0 and from 30 t0 on");
        const auto within = [](const std::vector<double>& x) {
          return std::ranges::all_of(x, [](double y) { return y >= 0.8 && y <= 1.2; });
        };
        const double at = peak_time(gain, t.time) / t.t0;
        const auto [low, high] = std::ranges::minmax(tails);
        return Finding{
            "", at >= 0.395 && at <= 0.465 && within(starts) && within(tails) && grows, at, 0.46,
            text_of("gamma peaks at %.3f t0; it begins as %.3f of eta t / K, its tail is "
                    "%.3f to %.3f of the law%s",
                    at, starts.front(), low, high, grows ? "" : "; some B_n falls")};
      },
      {"decoder_gain", "scan_B"});
}

// Growth of the winner's logit a factor e of time, late against its most (coupled flow).
std::vector<Finding> logit_growth_fades(const Trials& trials) {
  return for_each_scan(
      trials, 0.2,
      [](const TrialRecords& trial, const ScanTrial& t) {
        if (t.level != Level::flow || t.rate_Y != t.rate_Z)
          return cannot_judge("", 0.2,
                              "stated for the coupled flow with equal rates (population: true)");
        const RecordedArray speed = *trial.series("class_logit_speed");
        double worst = 0;
        bool late = false;
        for (Index n = 0; n < t.classes; ++n) {
          double most = 0, most_late = 0;
          for (Index s = 0; s < t.c.rows(); ++s) {
            const double time = t.time[static_cast<std::size_t>(s)],
                         growth = time * t.rate_Z * speed.at(s, n * t.width + t.best());
            most = std::max(most, growth);
            if (time < 250 * t.t0 || time > 500 * t.t0) continue;
            most_late = std::max(most_late, growth);
            late = true;
          }
          worst = std::max(worst, most_late / most);
        }
        if (!late) return cannot_judge("", 0.2, "no record lies between 250 t0 and 500 t0");
        return Finding{"", worst < 0.2, worst, 0.2,
                       text_of("between 250 t0 and 500 t0 dz/dln t of the winner is %.3g of its "
                               "most",
                               worst)};
      },
      {"class_logit_speed"});
}

// Speed of attention at 250 t0 against its peak (flows); late share of the way (sampled).
std::vector<Finding> attention_freezes(const Trials& trials) {
  return for_each_trial(trials, scan_series, 0.02, [](const TrialRecords& trial) {
    const ScanTrial t(trial);
    if (t.level == Level::sampled) {
      Index half = 0;
      for (Index s = 0; s < t.c.rows(); ++s)
        if (t.time[static_cast<std::size_t>(s)] <= t.time.back() / 2) half = s;
      const double share = t.moved(t.last(), half) / t.moved(t.last(), 0);
      return Finding{"", share < 0.05, share, 0.05,
                     text_of("the second half of the run made %.4f of the way", share)};
    }
    double peak = 0, late = not_measured;
    for (Index s = 1; s < t.c.rows(); ++s) {
      const auto i = static_cast<std::size_t>(s);
      const double speed = t.moved(s, s - 1) / (t.time[i] - t.time[i - 1]);
      peak = std::max(peak, speed);
      if (t.time[i] >= 250 * t.t0 && std::isnan(late)) late = speed;
    }
    if (std::isnan(late)) return cannot_judge("", 0.02, "the records do not reach 250 t0");
    return Finding{"", late / peak < 0.02, late / peak, 0.02,
                   text_of("at 250 t0 attention moves at %.2g of its fastest", late / peak)};
  });
}

// C0 = 4 q Gamma / (e^{4 q B} - 1) from the first records, q classes a query; 0: B never leaves 0.
double first_C0(const RecordedArray& B, const RecordedArray& Gamma, double q) {
  for (Index s = 1; s < B.rows(); ++s)
    if (B.at(s, 0) > 1e-6) return 4 * q * Gamma.at(s) / std::expm1(4 * q * B.at(s, 0));
  return 0;
}

// B_n = a + s ln ln(M eta_Y t / K) for t > 10 t0, far enough on: 4 Gamma / C0 > 5.
std::vector<Finding> double_log_growth(const Trials& trials) {
  std::vector<std::string> needed = scan_series;
  needed.insert(needed.end(), {"scan_B", "scan_Gamma"});
  return for_each_trial(trials, needed, 0.65, [](const TrialRecords& trial) {
    const ScanTrial t(trial);
    const RecordedArray B = *trial.series("scan_B"), Gamma = *trial.series("scan_Gamma");
    const double regime = 4 * Gamma.at(t.last()) / first_C0(B, Gamma, 1);
    if (!(regime > 5))
      return cannot_judge("", 0.65,
                          text_of("4 Gamma / C0 ends at %.3g, it needs 5: run longer", regime));
    const auto K = static_cast<double>(t.classes), M = static_cast<double>(t.vocabulary);
    std::vector<double> x, y;
    for (Index s = 0; s < B.rows(); ++s) {
      const double time = t.time[static_cast<std::size_t>(s)];
      if (time <= 10 * t.t0) continue;
      x.push_back(std::log(std::log(M * t.rate_Y * time / K)));
      y.push_back(B.at(s, 0));
    }
    if (x.size() < 10) return cannot_judge("", 0.65, "fewer than 10 records lie beyond 10 t0");
    const Line line = fit_line(x, y);
    const Index classes_a_query = t.classes / t.queries;
    const double s = line.slope * static_cast<double>(classes_a_query);
    return Finding{
        "", line.r2 > 0.999 && s >= 0.35 && s <= 0.65, s, 0.65,
        text_of("B grows as %.3f ln ln t (times the classes of a query), R^2 = %.5f", s, line.r2)};
  });
}

// Theorem 4: B = 1/4 ln(1 + 4 Gamma / C0), C0 from the first records.
std::vector<Finding> logarithm_law(const Trials& trials) {
  std::vector<std::string> needed = scan_series;
  needed.insert(needed.end(), {"scan_B", "scan_Gamma"});
  return for_each_trial(trials, needed, 0.1, [](const TrialRecords& trial) {
    const ScanTrial t(trial);
    const RecordedArray B = *trial.series("scan_B"), Gamma = *trial.series("scan_Gamma");
    const double C0 = first_C0(B, Gamma, 1);
    double worst = 0;
    for (Index s = 1; s < B.rows() && C0 > 0; ++s) {
      if (t.time[static_cast<std::size_t>(s)] <= t.t0 / 4) continue;
      const double said = 0.25 * std::log1p(4 * Gamma.at(s) / C0);
      worst = std::max(worst, std::abs(B.at(s, 0) / said - 1));
    }
    return Finding{
        "", C0 > 0 && worst < 0.1, worst, 0.1,
        text_of("B differs from 1/4 ln(1 + 4 Gamma/C0) by at most %.3g beyond t0/4, C0 = "
                "%.3g",
                worst, C0)};
  });
}

// Theorem 4 with q = |psi^-1(m)| classes a query: all of them push the query's common token down,
// so that -z_CT = q B and B = 1/(4 q) ln(1 + 4 q Gamma / C0) (papers/b_scan_and_snap 5.4 P14s).
std::vector<Finding> shared_query_law(const Trials& trials) {
  std::vector<std::string> needed = scan_series;
  needed.insert(needed.end(), {"scan_B", "scan_Gamma"});
  return for_each_trial(trials, needed, 0.15, [](const TrialRecords& trial) {
    const ScanTrial t(trial);
    const RecordedArray B = *trial.series("scan_B"), Gamma = *trial.series("scan_Gamma");
    const Index classes_a_query = t.classes / t.queries;
    const auto q = static_cast<double>(classes_a_query);
    const double C0 = first_C0(B, Gamma, q);
    double worst = 0, worst_common = 0;
    for (Index s = 1; s < B.rows() && C0 > 0; ++s) {
      if (t.time[static_cast<std::size_t>(s)] <= t.t0 / 4) continue;
      const double said = std::log1p(4 * q * Gamma.at(s) / C0) / (4 * q);
      worst = std::max(worst, std::abs(B.at(s, 0) / said - 1));
      if (t.shared > 0)
        worst_common = std::max(worst_common, std::abs(-t.logit(s, 0, 0) / (q * said) - 1));
    }
    return Finding{"", C0 > 0 && worst < 0.15, worst, 0.15,
                   text_of("B differs from 1/(4 q) ln(1 + 4 q Gamma/C0) by at most %.3g beyond "
                           "t0/4, q = %g, C0 = %.3g; the common token's logit from -q times that "
                           "by %.3g",
                           worst, q, C0, worst_common)};
  });
}

std::vector<Finding> never_one_hot(const Trials& trials) {
  std::vector<Finding> out;
  for (const Trials& group : groups_that_differ_in(trials, {"seed"})) {
    std::vector<double> tops;
    for (const TrialRecords* trial : group) {
      const auto top = trial->series("attention_top");
      if (!trial->done() || !top) continue;
      double most = 0;
      for (Index n = 0; n < top->row_size(); ++n)
        most = std::max(most, top->at(top->rows() - 1, n));
      tops.push_back(most);
    }
    if (tops.empty()) {
      out.push_back(cannot_judge(trials_text(group), 0.6, "no trial has attention_top"));
      continue;
    }
    const double middle = median(tops), most = std::ranges::max(tops);
    out.push_back({trials_text(group), middle < 0.6 && most <= 0.95, middle, 0.6,
                   text_of("largest attention at the end: median %.3f, most %.3f over %zu seeds",
                           middle, most, tops.size())});
  }
  return out;
}

}  // namespace

std::vector<Claim> snap_claims() {
  const std::string paper = "Tian et al. 2023, ";
  std::vector<Claim> out = {
      {"decoder_gain_peak", paper + "Theorem 1b, Lemma 9",
       "The decoder's drive gamma rises, peaks, and decays like ln t / t.",
       "peak in [0.395, 0.465] t0; gamma K / (eta t) up to 0.02 t0 and gamma eta t / (K ln(M eta t "
       "/ K)) beyond 30 t0 in [0.8, 1.2]; every B_n grows",
       decoder_gain_peak},
      {"attention_freezes", paper + "snapping", "Attention freezes.",
       "speed at 250 t0 below 0.02 of its peak; sampled: |c(T) - c(T/2)| < 0.05 |c(T) - c(0)|",
       attention_freezes},
      {"logit_growth_fades", paper + "snapping",
       "Late in the coupled flow the winner's logit hardly grows on the logarithmic axis of time.",
       "dz/dln t of the winner at 250 to 500 t0 < 0.2 of its most, at eta_Y = eta_Z",
       logit_growth_fades},
      {"double_log_growth", paper + "Theorem 4",
       "After the snap the winner's logit grows like ln ln t only.",
       "slope of B against ln ln(M eta t / K) beyond 10 t0 times classes a query in [0.35, 0.65], "
       "R^2 > 0.999; needs 4 Gamma / C0 > 5 at the end",
       double_log_growth},
      {"logarithm_law", paper + "Theorem 4", "B follows the drive Gamma by a logarithm.",
       "max over t > t0/4 of |B / (1/4 ln(1 + 4 Gamma/C0)) - 1| < 0.1", logarithm_law},
      {"shared_query_law", "corrected from Tian et al. 2023, Theorem 4 (equation 100)",
       "With q classes a query B follows the drive by a logarithm that q makes slower.",
       "max over t > t0/4 of |B / (1/(4 q) ln(1 + 4 q Gamma/C0)) - 1| < 0.15", shared_query_law},
      {"never_one_hot", paper + "no rank collapse", "Attention does not become one-hot.",
       "median over seeds of the largest c at the end < 0.6, none above 0.95", never_one_hot}};
  for (Claim& claim : out) {
    const bool of_theorem_4 = claim.name == "double_log_growth" || claim.name == "logarithm_law" ||
                              claim.name == "shared_query_law";
    claim.outside = of_theorem_4 ? outside_theorem_4 : outside_scan;
  }
  return out;
}

}  // namespace attnlab

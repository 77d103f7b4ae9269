// measure_scan_snap.cpp: where the attention of a yz model goes, token by token (Tian et al. 2023,
// "Scan and Snap"; papers/b_scan_and_snap 2.4, 7).
//
// In the limit of endless sequences the attention of class n, whose query is m, is
//
//   c_{l|n} = P(l|n) phi(Z[m][l]) / sum_l' (same),   f_n = c_n / |c_n| (or c_n without norm),
//
// with phi = exp for kernels of the dot product and exp(-(z - a)^2 / (2 a)), a = temperature, for
// the Gaussian ones. P is that of token_classes. The axis class_token runs over the contextual
// tokens of a class: common ones first, then those of the query, then the distinct ones in rising
// P.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include "observe/measure_list.hpp"

namespace attnlab {
namespace {

struct Data {  // of task token_classes
  Index n_last, n_next, n_common, n_common_per_last, n_unique;

  Index classes() const { return n_last * n_next; }
  Index shared() const { return n_common + n_common_per_last; }
  Index width() const { return shared() + n_unique; }
  // Ids in the order of the generator: common; of each query; distinct of each class; queries;
  // next.
  Index token(Index n, Index e) const {
    if (e < n_common) return e;
    if (e < shared()) return n_common + n / n_next * n_common_per_last + (e - n_common);
    return n_common + n_last * n_common_per_last + n * n_unique + (e - shared());
  }
  Index first_query() const { return n_common + n_last * n_common_per_last + classes() * n_unique; }
  Index query(Index n) const { return first_query() + n / n_next; }
  Index next(Index n) const { return first_query() + n_last + n; }
  std::vector<double> frequencies() const {  // P(l|n), the same for all classes
    std::vector<double> p;
    for (Index e = 0; e < shared(); ++e) p.push_back(1.0);
    for (Index e = 0; e < n_unique; ++e)
      p.push_back(n_unique == 1
                      ? 0.1
                      : 0.1 + 0.9 * static_cast<double>(e) / static_cast<double>(n_unique - 1));
    double sum = 0;
    for (const double x : p) sum += x;
    for (double& x : p) x /= sum;
    return p;
  }
};

Data data_of(const Settings& trial) {
  const Settings& task = trial.at("task");
  const auto n = [&](const char* key) { return task.at(key).get<Index>(); };
  return {n("num_last"), n("num_next_per_last"), n("num_common"), n("num_common_per_last"),
          n("num_unique_per_next")};
}

// Thresholds of recall, in units of 1/M (papers/b_scan_and_snap, Figures 11 and 12).
constexpr std::array recall_thresholds{0.93, 0.97, 1.01, 1.05, 1.09, 1.13, 1.17, 1.21, 1.25};

// -sum p ln p of numbers that are divided by their sum.
double entropy_of(const double* x, Index n) {
  double sum = 0, entropy = 0;
  for (Index i = 0; i < n; ++i) sum += x[i];
  for (Index i = 0; i < n; ++i)
    if (x[i] > 0) entropy -= x[i] / sum * std::log(x[i] / sum);
  return entropy;
}

class ScanSnap : public Measure {
 public:
  void begin(const TrialView& trial) override {
    data_ = data_of(trial.settings);
    p_ = data_.frequencies();
    M_ = trial.task.vocabulary;
    Z_ = *trial.layout.find("Z");
    const auto keep = [&](const char* name, std::optional<ParameterBlock>& to) {
      const ParameterBlock* found = trial.layout.find(name);
      to = found ? std::optional(*found) : std::nullopt;
    };
    keep("Y", Y_), keep("clock", clock_), keep("B", B_), keep("Gamma", Gamma_);
    const auto& kernel = trial.settings.at("model").at("attention").at("kernel").at("plugin");
    gaussian_ = kernel == "gaussian" || kernel == "normalized_gaussian";
    temperature_ = trial.model.temperature;
    l2_ = trial.model.norm == Norm::l2;
  }

  void at(StepView& view, MeasureRow& row) override {
    const std::vector<double> Z = view.parameter(Z_), slope = view.gradient(Z_);
    const Index K = data_.classes(), width = data_.width();
    std::vector<double> c, z, speed, common, distinct, top, top3, support;
    for (Index n = 0; n < K; ++n) {
      const Index m = data_.query(n);
      double sum = 0;
      for (Index e = 0; e < width; ++e) {
        const auto at = static_cast<std::size_t>(m * M_ + data_.token(n, e));
        z.push_back(Z[at]);
        speed.push_back(-slope[at]);
        c.push_back(p_[static_cast<std::size_t>(e)] * phi(Z[at]));
        sum += c.back();
      }
      double* const of_class = c.data() + n * width;
      for (Index e = 0; e < width; ++e) of_class[e] /= sum;
      double mass = 0;
      for (Index e = 0; e < data_.shared(); ++e) mass += of_class[e];
      common.push_back(mass);
      distinct.push_back(entropy_of(of_class + data_.shared(), data_.n_unique));
      support.push_back(std::exp(entropy_of(of_class, width)));
      std::vector<double> sorted(of_class, of_class + width);
      std::ranges::sort(sorted, std::greater<>());
      top.push_back(sorted[0]);
      top3.push_back(sorted[0] + (width > 1 ? sorted[1] : 0) + (width > 2 ? sorted[2] : 0));
    }
    row.put("class_attention", c);
    row.put("class_logit", z);
    row.put("class_logit_speed", speed);
    row.put("common_mass", common);
    row.put("distinct_entropy", distinct);
    row.put("attention_top", top);
    row.put("attention_top3", top3);
    row.put("effective_support", support);
    row.put("row_sum_Z", largest_row_sum(Z));
    row.put("recall", recall(Z));
    put_decoder(view, c, row);
  }

 private:
  double phi(double z) const {
    return gaussian_ ? std::exp(-(z - temperature_) * (z - temperature_) / (2 * temperature_))
                     : std::exp(z);
  }

  // Share of the distinct tokens of all classes whose attention phi(z_ml) / sum over the whole
  // vocabulary is above each threshold.
  std::vector<double> recall(const std::vector<double>& Z) const {
    std::vector<double> found(recall_thresholds.size(), 0.0);
    const Index K = data_.classes();
    for (Index n = 0; n < K; ++n) {
      const double* const logits = Z.data() + data_.query(n) * M_;
      double sum = 0;
      for (Index l = 0; l < M_; ++l) sum += phi(logits[l]);
      for (Index e = data_.shared(); e < data_.width(); ++e) {
        const double times_M = phi(logits[data_.token(n, e)]) / sum * static_cast<double>(M_);
        for (std::size_t i = 0; i < found.size(); ++i)
          if (times_M > recall_thresholds[i]) ++found[i];
      }
    }
    for (double& x : found) x /= static_cast<double>(K * data_.n_unique);
    return found;
  }

  double largest_row_sum(const std::vector<double>& matrix) const {
    double most = 0;
    for (Index r = 0; r < M_; ++r) {
      double sum = 0;
      for (Index l = 0; l < M_; ++l) sum += matrix[static_cast<std::size_t>(r * M_ + l)];
      most = std::max(most, std::abs(sum));
    }
    return most;
  }

  // 1 - alpha_n as the sum of the others' probabilities, and the quantities of the slaved decoder.
  void put_decoder(StepView& view, const std::vector<double>& c, MeasureRow& row) const {
    const Index K = data_.classes(), width = data_.width();
    std::vector<double> error;
    if (Y_) {
      const std::vector<double> Y = view.parameter(*Y_);
      row.put("row_sum_Y", largest_row_sum(Y));
      for (Index n = 0; n < K; ++n) {
        std::vector<double> logits(static_cast<std::size_t>(M_), 0.0);
        double norm = 0;
        for (Index e = 0; e < width; ++e) {
          const double f = c[static_cast<std::size_t>(n * width + e)];
          norm += f * f;
          const double* const of_token = Y.data() + data_.token(n, e) * M_;
          for (Index l = 0; l < M_; ++l) logits[static_cast<std::size_t>(l)] += f * of_token[l];
        }
        const double scale = l2_ ? 1 / std::sqrt(norm) : 1.0;
        const auto own = static_cast<std::size_t>(data_.next(n));
        double others = 0;
        for (std::size_t l = 0; l < logits.size(); ++l)
          if (l != own) others += std::exp(scale * (logits[l] - logits[own]));
        error.push_back(others / (1 + others));
      }
      row.put("decoder_error", error);
    }
    if (!clock_ || !B_ || !Gamma_) return;
    const double x = view.parameter(*clock_).front(), M = static_cast<double>(M_);
    const double others = (M - 1) * std::exp(-x);
    row.put("decoder_error",
            std::vector<double>(static_cast<std::size_t>(K), others / (1 + others)));
    row.put("decoder_clock", x);
    row.put("decoder_gain", (M - 1) * (M - 1) * (x / M) / (M - 1 + std::exp(x)));
    row.put("scan_B", view.parameter(*B_));
    row.put("scan_Gamma", view.parameter(*Gamma_).front());
  }

  Data data_{};
  std::vector<double> p_;
  Index M_ = 0;
  ParameterBlock Z_;
  std::optional<ParameterBlock> Y_, clock_, B_, Gamma_;
  bool gaussian_ = false, l2_ = false;
  double temperature_ = 1;
};

std::string unfit(const MeasureContext& c) {
  if (c.trial.at("task").at("plugin") != "token_classes") return "it needs the task token_classes";
  if (!c.layout.find("Z")) return "it needs parameterization: yz or slaved_decoder";
  const Settings& kernel = c.trial.at("model").at("attention").at("kernel").at("plugin");
  for (const char* name : {"softmax", "exponential", "gaussian", "normalized_gaussian"})
    if (kernel == name) return "";
  return "it knows the kernels softmax, exponential, gaussian and normalized_gaussian";
}

void plan(const MeasureContext& c, Planner& planner) {
  const Data data = data_of(c.trial);
  std::vector<std::string> classes, tokens;
  for (Index n = 0; n < data.classes(); ++n) classes.push_back("class_" + std::to_string(n));
  for (Index e = 0; e < data.width(); ++e) {
    tokens.push_back(e < data.n_common   ? "common_" + std::to_string(e)
                     : e < data.shared() ? "of_query_" + std::to_string(e - data.n_common)
                                         : "distinct_" + std::to_string(e - data.shared()));
  }
  planner.axis("class", std::move(classes), "class: next token");
  planner.axis("class_token", std::move(tokens), "contextual token of a class");
  std::vector<std::string> thresholds;
  for (const double x : recall_thresholds) thresholds.push_back(Settings(x).dump());
  planner.axis("recall_threshold", std::move(thresholds),
               "threshold times the size M of the vocabulary");
  planner.series(
      "recall", {"record", "recall_threshold"},
      "share of distinct tokens whose attention over the whole vocabulary is above threshold / M");
  const auto by_token = [&](const char* name, const char* long_name) {
    planner.series(name, {"record", "class", "class_token"}, long_name);
  };
  const auto by_class = [&](const char* name, const char* long_name) {
    planner.series(name, {"record", "class"}, long_name);
  };
  const auto one = [&](const char* name, const char* long_name) {
    planner.series(name, {"record"}, long_name);
  };
  by_token("class_attention", "c_{l|n}: attention of class n on token l, endless sequences");
  by_token("class_logit", "z_ml: attention logit of the class's query on token l");
  by_token("class_logit_speed", "dz_ml/dt at rate 1");
  by_class("common_mass", "attention on tokens that several classes share");
  by_class("distinct_entropy",
           "entropy of the attention on distinct tokens, renormalised, in nats");
  by_class("attention_top", "largest c_{l|n}");
  by_class("attention_top3", "sum of the three largest c_{l|n}");
  by_class("effective_support", "exp of the entropy of c_n");
  by_class("decoder_error", "1 - alpha_n: probability of all tokens but the right one");
  one("row_sum_Z", "largest absolute row sum of Z, conserved at 0 from zero start");
  if (c.layout.find("Y"))
    one("row_sum_Y", "largest absolute row sum of Y, conserved at 0 from zero start");
  if (!c.layout.find("clock")) return;
  one("decoder_clock", "x = M h of the slaved decoder");
  one("decoder_gain", "gamma of the slaved decoder (Lemma 9)");
  by_class("scan_B", "B_n = eta_Z int xi_n dt (Theorem 3)");
  one("scan_Gamma", "Gamma = eta_Z int gamma dt (Theorem 4)");
}

}  // namespace

MeasureKind scan_snap_measure() {
  return {"scan_snap",
          "attention by class and token, entropies, decoder error of a yz model (Tian et al. 2023)",
          true,
          unfit,
          plan,
          [] { return std::unique_ptr<Measure>(std::make_unique<ScanSnap>()); }};
}

}  // namespace attnlab

// measure_cooccurrence.cpp: what Yang et al. 2024 (arXiv 2410.09605) follow while one layer learns
// that two words belong together.
//
//   u = W^T a          G(mu) = u . W_V mu         S = |u|^2          A[k, q] = mu_k^T W_K^T W_Q
//   mu_q u' = W'^T a        G'(mu) = u' . W_V mu + u . W_V' mu            A' likewise B[k, q] = W_V
//   mu_k . W_V mu_q                  B' likewise
//
// A prime is the time derivative along the gradient flow: minus the gradient of each matrix that is
// trained, 0 for the others, whatever the optimizer makes of it. Of a sample with loss l:
//
//   y F = -log(exp(l) - 1)        g = 1 / (1 + exp(y F)) = 1 - exp(-l)
//
// Tokens 0, 1, 2 of the task `cooccurrence` are mu_1, mu_2 (the targets) and mu_3 (common).
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/bytes.hpp"
#include "observe/measure_list.hpp"
#include "observe/one_layer.hpp"
#include "train/samples.hpp"

namespace attnlab {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr Index n_named = 3;     // mu_1, mu_2, mu_3
constexpr Index n_watched = 12;  // samples whose attention is compared: two cycles of the groups
constexpr std::array<std::array<Index, 2>, 6> pairs{
    {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}}};

double margin_of(double loss) { return -loss - std::log(-std::expm1(-loss)); }
double derivative_of(double loss) { return -std::expm1(-loss); }

// x' . y + x . y'
double product_rate(std::span<const double> x, std::span<const double> x_rate,
                    std::span<const double> y, std::span<const double> y_rate) {
  return dot(x_rate, y) + dot(x, y_rate);
}

class Cooccurrence : public Measure {
 public:
  void begin(const TrialView& trial) override {
    matrices_.layout = &trial.layout;
    n_groups_ = std::ssize(trial.task.groups);
    last_step_ = trial.settings.at("training").at("steps").get<std::int64_t>();
    watched_.resize(static_cast<std::size_t>(std::min<Index>(trial.task.n_train, n_watched)));
    std::iota(watched_.begin(), watched_.end(), Index{0});
    SampleBuffer buffer(trial.task);
    group_.clear();
    for (Index i = 0; i < trial.task.n_train; ++i) {
      attnlab_sample& sample = buffer.fresh();
      group_.push_back(trial.sample(i, sample) ? sample.group : -1);
    }
    keys_.clear();
  }

  void at(StepView& view, MeasureRow& row) override {
    const Rows q = matrices_.parameter(view, "W_Q"), k = matrices_.parameter(view, "W_K");
    if (view.step() == 0) {
      queries_ = q.numbers;
      keys_ = k.numbers;
      weights_ = view.attention(watched_);
    }
    put_outputs(view, row);
    put_scores(view, q, k, row);
    put_samples(view, row);
  }

  std::string content() const override {
    ByteWriter out;
    for (const auto* numbers : {&queries_, &keys_, &margins_}) {
      out.number(static_cast<std::uint64_t>(numbers->size()));
      out.numbers(std::span(*numbers));
    }
    out.number(static_cast<std::uint64_t>(weights_.size()));
    out.numbers(std::span(weights_));
    return out.take();
  }
  bool restore(std::string_view content) override {
    ByteReader in(content);
    const auto read = [&](auto& numbers) {
      std::uint64_t n = 0;
      if (!in.number(n) || n > content.size()) return false;
      numbers.resize(n);
      return in.numbers(std::span(numbers));
    };
    return read(queries_) && read(keys_) && read(margins_) && read(weights_) && in.at_end();
  }

 private:
  // G, G', B', S, S', and how each neuron turns to the targets.
  void put_outputs(StepView& view, MeasureRow& row) {
    const Rows v = matrices_.parameter(view, "W_V"), dv = matrices_.velocity(view, "W_V"),
               w = matrices_.parameter(view, "W_H1"), dw = matrices_.velocity(view, "W_H1"),
               a = matrices_.parameter(view, "W_H2");
    std::vector<double> u, du;
    for (Index c = 0; c < w.count(); ++c) {
      u.push_back(dot(w[c], a.numbers));
      du.push_back(dot(dw[c], a.numbers));
    }
    std::vector<double> output, rate, value_rate;
    for (Index token = 0; token < n_named; ++token) {
      output.push_back(dot(v[token], u));
      rate.push_back(product_rate(v[token], dv[token], u, du));
    }
    double random = 0;
    for (Index token = n_named; token < v.count(); ++token)
      random = std::max(random, std::abs(dot(v[token], u)));
    for (const auto& [i, j] : pairs) value_rate.push_back(product_rate(v[i], dv[i], v[j], dv[j]));
    row.put("token_output", output);
    row.put("token_output_rate", rate);
    row.put("random_token_output", random);
    row.put("value_correlation_rate", value_rate);
    row.put("neuron_correlation", dot(u, u));
    row.put("neuron_correlation_rate", 2 * dot(u, du));
    n_hidden_ = w.width;

    double least = std::numeric_limits<double>::infinity();
    std::vector<double> along(static_cast<std::size_t>(w.width));
    for (const Index token : {Index{0}, Index{1}}) {
      std::fill(along.begin(), along.end(), 0.0);
      for (Index c = 0; c < w.count(); ++c) {
        const double x = v[token][static_cast<std::size_t>(c)],
                     dx = dv[token][static_cast<std::size_t>(c)];
        for (std::size_t j = 0; j < along.size(); ++j) along[j] += dw[c][j] * x + w[c][j] * dx;
      }
      for (std::size_t j = 0; j < along.size(); ++j)
        least = std::min(least, a.numbers[j] * along[j]);
    }
    row.put("neuron_alignment_rate", least);
  }

  // A, A' of the named tokens; at the last step the largest change of all others.
  void put_scores(StepView& view, const Rows& q, const Rows& k, MeasureRow& row) {
    const Rows dq = matrices_.velocity(view, "W_Q"), dk = matrices_.velocity(view, "W_K");
    std::vector<double> score, rate;
    for (Index i = 0; i < n_named; ++i) {
      for (Index j = 0; j < n_named; ++j) {
        score.push_back(dot(k[i], q[j]));
        rate.push_back(product_rate(k[i], dk[i], q[j], dq[j]));
      }
    }
    row.put("score_correlation", score);
    row.put("score_correlation_rate", rate);
    row.put("score_weight_variance", (dot(q.numbers, q.numbers) + dot(k.numbers, k.numbers)) /
                                         static_cast<double>(2 * std::ssize(q.numbers)));
    if (view.step() != last_step_) return;
    const Rows q0{queries_, q.width}, k0{keys_, k.width};
    double most = 0;
    for (Index i = 0; i < q.count(); ++i) {
      for (Index j = i < n_named ? n_named : 0; j < q.count(); ++j)
        most = std::max(most, std::abs(dot(k[i], q[j]) - dot(k0[i], q0[j])));
    }
    row.put("random_score_change", most);
  }

  // Margins, group sums of g, and how far the attention weights went.
  void put_samples(StepView& view, MeasureRow& row) {
    const std::span<const double> losses = view.sample_loss();
    const auto n = static_cast<double>(losses.size());
    std::vector<double> sum(static_cast<std::size_t>(n_groups_), 0.0),
        least(sum.size(), std::numeric_limits<double>::infinity()), most(sum.size(), 0.0), margins;
    double weighted = 0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const double g = derivative_of(losses[i]);
      margins.push_back(margin_of(losses[i]));
      if (g > 0) weighted += g * margins.back();  // g F -> 0 where the loss is 0 in this precision
      const auto group = static_cast<std::size_t>(group_[i]);
      sum[group] += g / n;
      least[group] = std::min(least[group], g);
      most[group] = std::max(most[group], g);
    }
    for (std::size_t c = 0; c < most.size(); ++c) most[c] /= least[c];
    row.put("loss_derivative", sum);
    row.put("loss_derivative_spread", most);
    row.put("least_margin", *std::min_element(margins.begin(), margins.end()));
    row.put("neuron_correlation_rate_from_margins",
            2 * static_cast<double>(n_hidden_) * weighted / n);
    double least_gain = margins_.empty() ? 0 : nan, most_gain = least_gain;
    for (std::size_t i = 0; i < margins_.size(); ++i) {
      const double gain = margins[i] - margins_[i];
      least_gain = std::fmin(least_gain, gain);
      most_gain = std::fmax(most_gain, gain);
    }
    row.put("margin_gain", std::array{least_gain, most_gain});
    margins_ = std::move(margins);

    const std::vector<float> weights = view.attention(watched_);
    double change = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
      change = std::fmax(
          change, std::abs(static_cast<double>(weights[i]) - static_cast<double>(weights_[i])));
    row.put("attention_change", change);
  }

  OneLayer matrices_;
  Index n_groups_ = 0, n_hidden_ = 0;
  std::int64_t last_step_ = 0;
  std::vector<Index> watched_;
  std::vector<std::int32_t> group_;
  std::vector<double> queries_, keys_;  // at the start
  std::vector<double> margins_;         // at the record before
  std::vector<float> weights_;          // attention at the start
};

void plan(const MeasureContext&, Planner& p) {
  const std::vector<std::string> named{"mu_1", "mu_2", "mu_3"};
  p.axis("token", named, "first target, second target, common token");
  p.axis("score_key", named, "token of the key");
  p.axis("score_query", named, "token of the query");
  p.axis("token_pair", std::vector<std::string>{"11", "12", "13", "22", "23", "33"},
         "two tokens of mu_1, mu_2, mu_3");
  p.axis("extreme", std::vector<std::string>{"least", "most"}, "least and most over the samples");
  p.series("token_output", {"record", "token"},
           "answer to a single token, G(mu) = sum_j a_j w_j W_V mu (Yang et al. 2024)");
  p.series("token_output_rate", {"record", "token"},
           "time derivative of token_output along the gradient flow (eq. 4)");
  p.series("random_token_output", {"record"}, "largest |G(mu)| of the random tokens");
  p.series("value_correlation_rate", {"record", "token_pair"},
           "time derivative of mu_i^T W_V^T W_V mu_j along the gradient flow (Lemma F.11)");
  p.series("neuron_correlation", {"record"},
           "neuron correlation sum S = |sum_j a_j w_j|^2 (section 4.2)");
  p.series("neuron_correlation_rate", {"record"},
           "time derivative of S along the gradient flow, from the gradients");
  p.series("neuron_correlation_rate_from_margins", {"record"},
           "the same from the margins: (2 m1 / n) sum_i g_i y_i F_i (eq. 5)");
  p.series("neuron_alignment_rate", {"record"},
           "least over neurons j and both targets of a_j d/dt (w_j W_V mu) (Lemma 4.1)");
  p.series("score_correlation", {"record", "score_key", "score_query"},
           "attention score correlation mu_key^T W_K^T W_Q mu_query (Figure 1a)");
  p.series("score_correlation_rate", {"record", "score_key", "score_query"},
           "its time derivative along the gradient flow");
  p.series("score_weight_variance", {"record"}, "mean square of the entries of W_Q and W_K");
  p.series("random_score_change", {"record"},
           "largest change since the start of a score correlation with a random token (Theorem "
           "3.3); last record only");
  p.series("loss_derivative", {"record", "group"},
           "sum over a group of g_i / n, g = 1 / (1 + exp(y F)) (Definition F.1)");
  p.series("loss_derivative_spread", {"record", "group"},
           "largest g_i over smallest g_i of a group (Corollary F.2)");
  p.series("least_margin", {"record"}, "least y F of the training samples");
  p.series("margin_gain", {"record", "extreme"},
           "least and most growth of a sample's y F since the record before");
  p.series(
      "attention_change", {"record"},
      "largest change of an attention weight since the start, first 12 samples (Corollary F.17)");
}

std::string unfit(const MeasureContext& context) {
  const Settings* const task = find(context.trial, "task.plugin");
  if (!task || *task != "cooccurrence") return "the task is not cooccurrence";
  return unlike_one_layer(context);
}

}  // namespace

MeasureKind cooccurrence_measure() {
  return {"cooccurrence",
          "token outputs, score correlations, margins, gradients of groups (Yang et al. 2024)",
          true,
          unfit,
          plan,
          [] { return std::unique_ptr<Measure>(std::make_unique<Cooccurrence>()); }};
}

}  // namespace attnlab

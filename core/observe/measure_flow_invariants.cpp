// measure_flow_invariants.cpp: what gradient flow conserves in paired linear layers, and how far a
// trial drifts from it. In contract storage [input, output] (Yang et al. 2024 write the
// transposes):
//
//   I_V  = W_H1 W_H1^T - W_V^T W_V    [m, m]      (the paper's W^T W - W_V W_V^T)
//   I_QK = W_K^T W_K - W_Q^T W_Q      [m, m]      (W_K W_K^T - W_Q W_Q^T)
//
// are constant under the flow of Q K^T kernels (not of those that see |k| too, as the gaussian),
// and drift with the step size under gradient descent. With W_H2 = a fixed to signs, W_H1(t) -
// W_H1(0) = c a^T has rank one. Each as a relative Frobenius norm. Cost: products [m, m] x d; take
// it on request.
#include <cmath>

#include "base/bytes.hpp"
#include "observe/measure_list.hpp"
#include "observe/one_layer.hpp"

namespace attnlab {
namespace {

using Numbers = std::vector<double>;

// gram += sign x^T x, x by rows; the lower triangle only.
void add_gram(const Rows& x, double sign, Numbers& gram) {
  for (Index r = 0; r < x.count(); ++r) {
    const double* const row = x[r].data();
    for (Index i = 0; i < x.width; ++i) {
      const double scaled = sign * row[i];
      double* const to = gram.data() + i * x.width;
      for (Index j = 0; j <= i; ++j) to[j] += scaled * row[j];
    }
  }
}

Rows transposed(const Rows& x) {
  Rows out{Numbers(x.numbers.size()), x.count()};
  for (Index r = 0; r < x.count(); ++r)
    for (Index c = 0; c < x.width; ++c)
      out.numbers[static_cast<std::size_t>(c * x.count() + r)] = x[r][static_cast<std::size_t>(c)];
  return out;
}

Numbers invariant(const Rows& plus, const Rows& minus) {
  Numbers out(static_cast<std::size_t>(plus.width * plus.width), 0.0);
  add_gram(plus, 1, out);
  add_gram(minus, -1, out);
  return out;
}

// Frobenius norms from lower triangles: what is off the diagonal counts twice.
double triangle_norm(const Numbers& x) {
  const auto width =
      static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(x.size()))));
  double sum = 0;
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      sum += (i == j ? 1 : 2) * x[i * width + j] * x[i * width + j];
  return std::sqrt(sum);
}
double relative_distance(Numbers now, const Numbers& start) {
  for (std::size_t i = 0; i < now.size(); ++i) now[i] -= start[i];
  return triangle_norm(now) / triangle_norm(start);
}

class FlowInvariants : public Measure {
 public:
  void begin(const TrialView& trial) override { matrices_.layout = &trial.layout; }

  void at(StepView& view, MeasureRow& row) override {
    const Rows w = matrices_.parameter(view, "W_H1"), a = matrices_.parameter(view, "W_H2");
    const Numbers value = invariant(transposed(w), matrices_.parameter(view, "W_V")),
                  score =
                      invariant(matrices_.parameter(view, "W_K"), matrices_.parameter(view, "W_Q"));
    if (view.step() == 0) {
      value_ = value;
      score_ = score;
      hidden_ = w.numbers;
    }
    row.put("value_invariant_drift", relative_distance(value, value_));
    row.put("score_invariant_drift", relative_distance(score, score_));
    row.put("rank_one_residual", residual(w, a.numbers));
  }

  std::string content() const override {
    ByteWriter out;
    for (const Numbers* numbers : {&value_, &score_, &hidden_}) {
      out.number(static_cast<std::uint64_t>(numbers->size()));
      out.numbers(std::span(*numbers));
    }
    return out.take();
  }
  bool restore(std::string_view content) override {
    ByteReader in(content);
    for (Numbers* numbers : {&value_, &score_, &hidden_}) {
      std::uint64_t n = 0;
      if (!in.number(n) || n > content.size()) return false;
      numbers->resize(n);
      if (!in.numbers(std::span(*numbers))) return false;
    }
    return in.at_end();
  }

 private:
  // |D - (D a) a^T / m1| / |W_H1(0)| for D = W_H1 - W_H1(0) [m, m1].
  double residual(const Rows& w, std::span<const double> a) const {
    double rest = 0;
    Numbers change(a.size());
    for (Index c = 0; c < w.count(); ++c) {
      const std::size_t first = static_cast<std::size_t>(c) * a.size();
      for (std::size_t j = 0; j < a.size(); ++j) change[j] = w[c][j] - hidden_[first + j];
      const double along = dot(change, a) / static_cast<double>(a.size());
      for (std::size_t j = 0; j < a.size(); ++j) {
        const double left = change[j] - along * a[j];
        rest += left * left;
      }
    }
    return std::sqrt(rest / dot(hidden_, hidden_));
  }

  OneLayer matrices_;
  Numbers value_, score_, hidden_;  // at the start
};

void plan(const MeasureContext&, Planner& p) {
  p.series("value_invariant_drift", {"record"},
           "|I - I(0)| / |I(0)| of I = W_H1 W_H1^T - W_V^T W_V (Frobenius)");
  p.series("score_invariant_drift", {"record"},
           "|I - I(0)| / |I(0)| of I = W_K^T W_K - W_Q^T W_Q (Frobenius)");
  p.series("rank_one_residual", {"record"},
           "part of W_H1 - W_H1(0) that is not c a^T, over |W_H1(0)| (Frobenius)");
}

}  // namespace

MeasureKind flow_invariants_measure() {
  return {
      "flow_invariants",
      "drift of what gradient flow conserves between paired matrices (Yang et al. 2024's model)",
      false,
      unlike_one_layer,
      plan,
      [] { return std::unique_ptr<Measure>(std::make_unique<FlowInvariants>()); }};
}

}  // namespace attnlab

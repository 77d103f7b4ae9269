// loss.cpp: what an answer costs, its gradient, and whether it is right.
//
//   logistic       log(1 + exp(-y F)),  y = -1, +1                right: sign(F) = y
//   cross_entropy  log sum_j exp(F_j) - F_y                       right: argmax F = y, the first of
//   equals squared        1/2 sum_j (F_j - y_j)^2; two classes are -1, +1, more are one-hot
// An answer with a NaN is wrong. A negative target token asks for no answer.
#include <cmath>
#include <limits>

#include "model/activation.hpp"
#include "model/inside.hpp"

namespace attnlab {
namespace {

struct Verdict {
  double loss = 0;
  bool correct = false;
};

template <class S>
Verdict logistic(const S* f, double y, double scale, S* df) {
  const double z = y * static_cast<double>(f[0]);
  const double small = std::exp(-std::abs(z));
  if (df != nullptr) {
    const double wrong = z >= 0 ? small / (1.0 + small) : 1.0 / (1.0 + small);  // 1/(1 + e^z)
    df[0] = static_cast<S>(-y * scale * (std::isnan(z) ? z : wrong));
  }
  const bool plus = f[0] > S(0);
  return {(z >= 0 ? 0.0 : -z) + std::log1p(small), !std::isnan(z) && plus == (y > 0)};
}

template <class S>
Verdict cross_entropy(const S* f, Index n, Index y, double scale, S* df, S* scratch) {
  Index best = 0;
  bool nan = false;
  for (Index j = 0; j < n; ++j) {
    nan = nan || std::isnan(f[j]);
    if (f[j] > f[best]) best = j;
  }
  if (nan) {
    const S not_a_number = std::numeric_limits<S>::quiet_NaN();
    if (df != nullptr) std::fill_n(df, n, not_a_number);
    return {std::numeric_limits<double>::quiet_NaN(), false};
  }
  S* e = df != nullptr ? df : scratch;
  const S sum = exp_below(f, f[best], n, e);
  if (df != nullptr) {
    const S factor = static_cast<S>(scale) / sum;
    for (Index j = 0; j < n; ++j) df[j] *= factor;
    df[y] -= static_cast<S>(scale);
  }
  const double gap = static_cast<double>(f[best]) - static_cast<double>(f[y]);
  return {gap + std::log(static_cast<double>(sum)), best == y};
}

template <class S, class Target>
Verdict squared(const S* f, Index n, Target target, double scale, S* df) {
  double loss = 0;
  for (Index j = 0; j < n; ++j) {
    const double off = static_cast<double>(f[j]) - target(j);
    if (df != nullptr) df[j] = static_cast<S>(scale * off);
    loss += 0.5 * off * off;
  }
  return {loss, false};
}

// The judgement of answer number `row`, whose target is number `at` in the caller's arrays.
template <class S>
Verdict one(const Pass<S>& pass, const S* f, Index at, S* df) {
  const ModelShape& m = pass.m;
  const TaskShape& task = pass.model.task;
  const double scale = pass.scale;
  if (task.target == TargetKind::real) {
    const S* y = pass.batch.targets + at * m.outputs;
    return squared(
        f, m.outputs, [&](Index j) { return static_cast<double>(y[j]); }, scale, df);
  }
  const Index id = pass.batch.target_ids[at];
  const double sign = id > 0 ? 1.0 : -1.0;  // classes 0, 1 and signs -1, +1 alike
  if (m.loss == Loss::logistic) return logistic(f, sign, scale, df);
  if (m.loss == Loss::cross_entropy) {
    const Index y = task.target == TargetKind::sign ? (id > 0 ? 1 : 0) : id;
    return cross_entropy(f, m.outputs, y, scale, df, pass.space.d_outputs);
  }
  const auto target = [&](Index j) { return m.outputs == 1 ? sign : j == id ? 1.0 : 0.0; };
  return squared(f, m.outputs, target, scale, df);
}

}  // namespace

template <class S>
PassResult judge(const Pass<S>& pass, Rows<const S> outputs, Rows<S> d_outputs, double* sample_loss,
                 std::int8_t* sample_correct) {
  const bool tokens = pass.m.readout == Readout::tokens;
  const bool skips = tokens && (pass.model.task.target == TargetKind::token ||
                                pass.model.task.target == TargetKind::klass);
  PassResult result;
  for (Index i = 0; i < pass.batch.n_samples; ++i) {
    const Index begin = tokens ? pass.first(i) : i, n = tokens ? pass.length(i) : 1;
    const Index to_target = tokens ? pass.batch.first[0] : 0;
    double loss = 0;
    Index terms = 0, right = 0;
    for (Index r = begin; r < begin + n; ++r) {
      S* df = d_outputs.data != nullptr ? d_outputs[r] : nullptr;
      if (skips && pass.batch.target_ids[to_target + r] < 0) {
        if (df != nullptr) std::fill_n(df, d_outputs.columns, S(0));
        continue;
      }
      const Verdict verdict = one(pass, outputs[r], to_target + r, df);
      loss += verdict.loss;
      right += verdict.correct ? 1 : 0;
      ++terms;
    }
    result.loss += loss;
    result.n_terms += terms;
    result.n_correct += right;
    const bool mean = pass.m.loss != Loss::squared && terms > 0;
    if (sample_loss != nullptr) sample_loss[i] = mean ? loss / static_cast<double>(terms) : loss;
    if (sample_correct != nullptr) sample_correct[i] = terms > 0 && right == terms ? 1 : 0;
  }
  return result;
}

template PassResult judge(const Pass<float>&, Rows<const float>, Rows<float>, double*,
                          std::int8_t*);
template PassResult judge(const Pass<double>&, Rows<const double>, Rows<double>, double*,
                          std::int8_t*);

}  // namespace attnlab

// readout.cpp: from the tokens of the last layer to the outputs: final norm, pooling, head.
//
// Pooling comes first, the head works on one row a sample. A head of two linear maps without bias
// (paper A) is one map: u = W_H1 W_H2 is made once, F = pooled u, and the gradient of W_H1 is
// (pooled^T dF) W_H2^T.
#include "model/activation.hpp"
#include "model/inside.hpp"
#include "model/norm.hpp"
#include "model/products.hpp"

namespace attnlab {
namespace {

template <class S>
bool folds(const Pass<S>& pass) {
  return pass.m.head == HeadKind::hidden && pass.m.head_activation == Activation::identity &&
         pass.model.b_H1 == nullptr && pass.model.b_H2 == nullptr;
}

// What the pooled sum of sample i is divided by.
template <class S>
S divisor(const Pass<S>& pass, Index i) {
  if (pass.m.readout == Readout::mean) return static_cast<S>(pass.rows(i));
  if (pass.m.readout == Readout::mean_padded) return static_cast<S>(pass.m.padded_length);
  return S(1);
}

template <class S>
Rows<const S> pool(const Pass<S>& pass, Rows<const S> x) {
  if (pass.m.readout == Readout::tokens) return x;
  const Rows<S> pooled{pass.space.pooled, pass.batch.n_samples, x.columns};
  for (Index i = 0; i < pooled.rows; ++i) {
    const Index begin = pass.first_row(i), n = pass.rows(i);
    const Index from = pass.m.readout == Readout::last ? n - 1 : 0;
    std::copy_n(x[begin + from], x.columns, pooled[i]);
    for (Index t = from + 1; t < n; ++t) add_to(pooled[i], x[begin + t], x.columns);
    const S by = divisor(pass, i);
    if (by != S(1))
      for (Index c = 0; c < x.columns; ++c) pooled[i][c] /= by;
  }
  return pooled.read();
}

template <class S>
void pool_backward(const Pass<S>& pass, Rows<const S> dp, Rows<S> d) {
  for (Index i = 0; i < dp.rows; ++i) {
    const Index begin = pass.first_row(i), n = pass.rows(i);
    const Index from = pass.m.readout == Readout::last ? n - 1 : 0;
    const S by = divisor(pass, i);
    if (from > 0) std::fill_n(d[begin], from * d.columns, S(0));
    for (Index c = 0; c < d.columns; ++c) d[begin + from][c] = dp[i][c] / by;
    for (Index t = from + 1; t < n; ++t) std::copy_n(d[begin + from], d.columns, d[begin + t]);
  }
}

template <class S>
Rows<const S> answer(const Pass<S>& pass, Rows<const S> p) {
  const ModelShape& m = pass.m;
  const auto& b = pass.model;
  Workspace<S>& s = pass.space;
  if (m.head == HeadKind::none) return p;
  const Rows<S> outputs{s.outputs, p.rows, m.outputs};
  if (m.head == HeadKind::classes) {
    linear(pass, p, b.W_C, b.b_C, outputs);
  } else if (folds(pass)) {
    const Rows<S> fold{s.fold, p.columns, m.outputs};
    product(pass.matrix(b.W_H1), pass.matrix(b.W_H2), fold);
    product(p, fold.read(), outputs);
  } else {
    const Rows<S> hidden{s.head_hidden, p.rows, m.head_hidden};
    linear(pass, p, b.W_H1, b.b_H1, hidden);
    activate(m.head_activation, hidden, pass.gradient != nullptr ? s.head_slope : nullptr);
    linear(pass, hidden.read(), b.W_H2, b.b_H2, outputs);
  }
  return outputs.read();
}

// Gradients of the head; dp = dl/dp.
template <class S>
void answer_backward(const Pass<S>& pass, Rows<const S> p, Rows<const S> df, Rows<S> dp) {
  const ModelShape& m = pass.m;
  const auto& b = pass.model;
  Workspace<S>& s = pass.space;
  if (m.head == HeadKind::none) {
    std::copy_n(df.data, df.size(), dp.data);
  } else if (m.head == HeadKind::classes) {
    linear_gradient(pass, p, b.W_C, b.b_C, df);
    linear_backward(pass, df, b.W_C, dp, false);
  } else if (folds(pass)) {
    const Rows<S> d_fold{s.fold_slope, p.columns, m.outputs};
    if (pass.slope(b.W_H1) != nullptr || pass.slope(b.W_H2) != nullptr)
      transposed_product(p, df, d_fold);
    if (S* slope = pass.slope(b.W_H1))
      product_transposed(d_fold.read(), pass.matrix(b.W_H2),
                         Rows<S>{slope, p.columns, m.head_hidden}, Into::add);
    if (S* slope = pass.slope(b.W_H2))
      transposed_product(pass.matrix(b.W_H1), d_fold.read(),
                         Rows<S>{slope, m.head_hidden, m.outputs}, Into::add);
    product_transposed(df, Rows<const S>{s.fold, p.columns, m.outputs}, dp);
  } else {
    const Rows<const S> hidden{s.head_hidden, p.rows, m.head_hidden};
    const Rows<S> dh{s.d_head_hidden, p.rows, m.head_hidden};
    linear_gradient(pass, hidden, b.W_H2, b.b_H2, df);
    linear_backward(pass, df, b.W_H2, dh, false);
    activate_backward(m.head_activation, hidden, s.head_slope, dh);
    linear_gradient(pass, p, b.W_H1, b.b_H1, dh.read());
    linear_backward(pass, dh.read(), b.W_H1, dp, false);
  }
}

}  // namespace

template <class S>
Rows<const S> read_out(const Pass<S>& pass, Rows<const S> x) {
  if (pass.m.norm == Norm::pre_layer) {
    const Rows<S> normed{pass.space.final, x.rows, x.columns};
    layer_norm(x, pass.value(pass.model.final_norm_gain), pass.value(pass.model.final_norm_bias),
               normed, pass.space.final_stats);
    x = normed.read();
  }
  return answer(pass, pool(pass, x));
}

template <class S>
Rows<S> read_out_backward(const Pass<S>& pass, Rows<const S> x, Rows<const S> df) {
  const ModelShape& m = pass.m;
  Workspace<S>& s = pass.space;
  const bool pre = m.norm == Norm::pre_layer;
  const bool tokens = m.readout == Readout::tokens;
  const Rows<const S> last = pre ? Rows<const S>{s.final, x.rows, x.columns} : x;
  const Rows<const S> p = tokens ? last : Rows<const S>{s.pooled, pass.batch.n_samples, x.columns};
  const Rows<S> d{s.d, x.rows, x.columns};
  const Rows<S> dp = tokens ? d : Rows<S>{s.d_pooled, p.rows, p.columns};
  answer_backward(pass, p, df, dp);
  if (!tokens) pool_backward(pass, dp.read(), d);
  if (pre)
    layer_norm_backward(x, pass.value(pass.model.final_norm_gain), s.final_stats, d,
                        pass.slope(pass.model.final_norm_gain),
                        pass.slope(pass.model.final_norm_bias));
  return d;
}

template Rows<const float> read_out(const Pass<float>&, Rows<const float>);
template Rows<const double> read_out(const Pass<double>&, Rows<const double>);
template Rows<float> read_out_backward(const Pass<float>&, Rows<const float>, Rows<const float>);
template Rows<double> read_out_backward(const Pass<double>&, Rows<const double>,
                                        Rows<const double>);

}  // namespace attnlab

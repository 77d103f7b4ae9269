// feed_forward.cpp: the two maps behind the attention, a token at a time.
//
//   f = x or norm_2(x);  h = dropout(act(f W_F1 + b_F1));  fed = x + dropout(h W_F2 + b_F2);  out =
//   fed or norm_2(fed)
#include "model/activation.hpp"
#include "model/inside.hpp"
#include "model/norm.hpp"
#include "model/products.hpp"

namespace attnlab {

template <class S>
Rows<const S> feed_forward(const Pass<S>& pass, Index l, Rows<const S> x) {
  const ModelShape& m = pass.m;
  if (m.feed_forward == 0) return x;
  const LayerBlocks& b = pass.model.layers[static_cast<std::size_t>(l)];
  LayerSpace<S>& layer = pass.space.layers[static_cast<std::size_t>(l)];
  Rows<const S> f = x;
  if (m.norm == Norm::pre_layer) {
    const Rows<S> normed{layer.normed_2, x.rows, x.columns};
    layer_norm(x, pass.value(b.norm_2_gain), pass.value(b.norm_2_bias), normed, layer.stats_2);
    f = normed.read();
  }
  const Rows<S> hidden{layer.hidden, x.rows, m.feed_forward};
  linear(pass, f, b.W_F1, b.b_F1, hidden);
  activate(m.feed_forward_activation, hidden, pass.gradient != nullptr ? layer.slope : nullptr);
  drop(pass, 3 * l + 2, false, hidden, layer.mask_hidden);
  const Rows<S> fed{layer.fed, x.rows, x.columns};
  linear(pass, hidden.read(), b.W_F2, b.b_F2, fed);
  drop(pass, 3 * l + 3, false, fed, layer.mask_2);
  if (m.residual) add_to(fed.data, x.data, x.size());
  if (m.norm != Norm::post_layer) return fed.read();
  const Rows<S> out{layer.out, x.rows, x.columns};
  layer_norm(fed.read(), pass.value(b.norm_2_gain), pass.value(b.norm_2_bias), out, layer.stats_2);
  return out.read();
}

template <class S>
void feed_forward_backward(const Pass<S>& pass, Index l, Rows<const S> x, Rows<S> d) {
  const ModelShape& m = pass.m;
  if (m.feed_forward == 0) return;
  const LayerBlocks& b = pass.model.layers[static_cast<std::size_t>(l)];
  Workspace<S>& s = pass.space;
  LayerSpace<S>& layer = s.layers[static_cast<std::size_t>(l)];
  const bool pre = m.norm == Norm::pre_layer;
  const auto norm_backward = [&](Rows<const S> in, Rows<S> dn) {
    layer_norm_backward(in, pass.value(b.norm_2_gain), layer.stats_2, dn, pass.slope(b.norm_2_gain),
                        pass.slope(b.norm_2_bias));
  };
  if (m.norm == Norm::post_layer) norm_backward({layer.fed, x.rows, x.columns}, d);

  Rows<S> dz = d;
  if (m.residual && pass.dropout.active()) {
    dz.data = s.d_copy;
    std::copy_n(d.data, d.size(), dz.data);
  }
  const Rows<const S> hidden{layer.hidden, x.rows, m.feed_forward};
  const Rows<S> dh{s.d_hidden, x.rows, m.feed_forward};
  if (pass.dropout.active()) drop_backward(pass.dropout, layer.mask_2, dz.data, dz.size());
  linear_gradient(pass, hidden, b.W_F2, b.b_F2, dz.read());
  linear_backward(pass, dz.read(), b.W_F2, dh, false);
  if (pass.dropout.active()) drop_backward(pass.dropout, layer.mask_hidden, dh.data, dh.size());
  activate_backward(m.feed_forward_activation, hidden, layer.slope, dh);
  linear_gradient(pass, pre ? Rows<const S>{layer.normed_2, x.rows, x.columns} : x, b.W_F1, b.b_F1,
                  dh.read());
  if (!pre && !pass.reaches(stage_feed_forward(l) - 1)) return;
  if (!pre || !m.residual) {
    linear_backward(pass, dh.read(), b.W_F1, d, m.residual);
    if (pre) norm_backward(x, d);
    return;
  }
  const Rows<S> dn{s.d_copy, x.rows, x.columns};
  linear_backward(pass, dh.read(), b.W_F1, dn, false);
  norm_backward(x, dn);
  add_to(d.data, dn.data, d.size());
}

template Rows<const float> feed_forward(const Pass<float>&, Index, Rows<const float>);
template Rows<const double> feed_forward(const Pass<double>&, Index, Rows<const double>);
template void feed_forward_backward(const Pass<float>&, Index, Rows<const float>, Rows<float>);
template void feed_forward_backward(const Pass<double>&, Index, Rows<const double>, Rows<double>);

}  // namespace attnlab

// attend.cpp: one layer's attention: norm, projections, the kernel on every head of every sample
// (with dropout of its weights), W_O, dropout, residual, norm.
//
//   a = x or norm_1(x);  q k v = a W + b;  o = kernel(q, k, v) a head;  y = o W_O + b_O;  mixed = x
//   + dropout(y); middle = mixed, norm_1(mixed) (post_layer) or mixed / |mixed| (l2)
#include "model/call_kernel.hpp"
#include "model/inside.hpp"
#include "model/norm.hpp"
#include "model/products.hpp"

namespace attnlab {
namespace {

template <class S>
S* saved_of(const Pass<S>& pass, const LayerSpace<S>& layer, Index i, Index h) {
  if (!pass.space.for_gradient) return layer.saved;
  return layer.saved + (i * pass.m.heads + h) * pass.space.n_saved;
}

// Which weights of head h of sample i survive; the same in both directions.
template <class S>
attnlab_weight_dropout dropout_of(const Pass<S>& pass, Index l, Index i, Index h) {
  const ModelShape& m = pass.m;
  const Dropout& dropout = pass.attention_dropout;
  const std::uint64_t seed = site_seed(dropout, attention_site(l, m.heads, h));
  const Index n_keys = pass.length(i), first = m.last_query_only ? n_keys - 1 : 0;
  for (Index query = first; query < n_keys; ++query) {
    const Index seen = m.mask == Mask::none ? n_keys : query + 1;
    keep_row(dropout, seed, pass.sample(i), query, seen,
             pass.space.kept + (query - first) * n_keys);
  }
  return {sizeof(attnlab_weight_dropout), 0, pass.space.kept, n_keys, enlargement(dropout)};
}

template <class S>
Result<Done> run_heads(const Pass<S>& pass, Index l, const LayerSpace<S>& layer, bool streams) {
  const ModelShape& m = pass.m;
  const Index stride = m.heads * m.value_dim;
  for (Index i = 0; i < pass.batch.n_samples; ++i) {
    if (streams) project_sample(pass, i);
    const Index row = streams ? 0 : pass.first_row(i), token = streams ? 0 : pass.first(i);
    for (Index h = 0; h < m.heads; ++h) {
      const auto head = head_of(m, layer, token, pass.length(i), row, h);
      S* out = layer.o + pass.first_row(i) * stride + h * m.value_dim;
      S* saved = saved_of(pass, layer, i, h);
      const Kernel& kernel = *pass.model.kernel;
      const attnlab_status status =
          pass.attention_dropout.active()
              ? run(kernel, head, dropout_of(pass, l, i, h), out, stride, saved,
                    pass.space.kernel_work)
              : run(kernel, head, out, stride, saved, pass.space.kernel_work);
      if (status != ATTNLAB_OK) return pass.model.kernel->failure("forward");
    }
  }
  return Done{};
}

template <class S>
Result<Done> run_heads_back(const Pass<S>& pass, Index l, const LayerSpace<S>& layer, const S* d_o,
                            bool streams) {
  const ModelShape& m = pass.m;
  Workspace<S>& s = pass.space;
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  const auto clear = [&](Index rows, Index tokens) {
    std::fill_n(s.d_q, rows * keys, S(0));
    std::fill_n(s.d_k, tokens * keys, S(0));
    std::fill_n(s.d_v, tokens * values, S(0));
  };
  if (!streams) clear(pass.n_rows, pass.n_tokens);
  for (Index i = 0; i < pass.batch.n_samples; ++i) {
    if (streams) {
      project_sample(pass, i);
      clear(pass.rows(i), pass.length(i));
    }
    const Index row = streams ? 0 : pass.first_row(i), token = streams ? 0 : pass.first(i);
    for (Index h = 0; h < m.heads; ++h) {
      const auto head = head_of(m, layer, token, pass.length(i), row, h);
      const Index o = pass.first_row(i) * values + h * m.value_dim;
      const S* saved = saved_of(pass, layer, i, h);
      S* d_q = s.d_q + row * keys + h * m.key_dim;
      S* d_k = s.d_k + token * keys + h * m.key_dim;
      S* d_v = s.d_v + token * values + h * m.value_dim;
      const Kernel& kernel = *pass.model.kernel;
      const attnlab_status status =
          pass.attention_dropout.active()
              ? run_back(kernel, head, dropout_of(pass, l, i, h), layer.o + o, d_o + o, values,
                         saved, d_q, d_k, d_v, s.kernel_work)
              : run_back(kernel, head, layer.o + o, d_o + o, values, saved, d_q, d_k, d_v,
                         s.kernel_work);
      if (status != ATTNLAB_OK) return pass.model.kernel->failure("backward");
    }
    if (streams) project_sample_backward(pass, i);
  }
  return Done{};
}

// The rows of the tokens that ask; all of x unless only the last does.
template <class S>
Rows<const S> asking(const Pass<S>& pass, Rows<const S> x) {
  if (!pass.m.last_query_only) return x;
  const Rows<S> last{pass.space.x_last, pass.n_rows, x.columns};
  for (Index r = 0; r < last.rows; ++r) std::copy_n(x[pass.token_of_row(r)], x.columns, last[r]);
  return last.read();
}

template <class S>
void project(const Pass<S>& pass, Index l, Rows<const S> a) {
  const ModelShape& m = pass.m;
  const LayerBlocks& b = pass.model.layers[static_cast<std::size_t>(l)];
  LayerSpace<S>& layer = pass.space.layers[static_cast<std::size_t>(l)];
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  linear(pass, asking(pass, a), b.W_Q, b.b_Q, Rows<S>{layer.q, pass.n_rows, keys});
  linear(pass, a, b.W_K, b.b_K, Rows<S>{layer.k, pass.n_tokens, keys});
  linear(pass, a, b.W_V, b.b_V, Rows<S>{layer.v, pass.n_tokens, values});
}

// Gradients of the projections; da = dl/da if anything needs it.
template <class S>
void project_backward(const Pass<S>& pass, Index l, Rows<const S> a, Rows<S> da, bool need_da) {
  const ModelShape& m = pass.m;
  const LayerBlocks& b = pass.model.layers[static_cast<std::size_t>(l)];
  Workspace<S>& s = pass.space;
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  const Rows<const S> dq{s.d_q, pass.n_rows, keys}, dk{s.d_k, pass.n_tokens, keys},
      dv{s.d_v, pass.n_tokens, values};
  linear_gradient(pass, asking(pass, a), b.W_Q, b.b_Q, dq);
  linear_gradient(pass, a, b.W_K, b.b_K, dk);
  linear_gradient(pass, a, b.W_V, b.b_V, dv);
  if (!need_da) return;
  linear_backward(pass, dv, b.W_V, da, false);
  linear_backward(pass, dk, b.W_K, da, true);
  if (!m.last_query_only) return linear_backward(pass, dq, b.W_Q, da, true);
  const Rows<S> last{s.x_last, pass.n_rows, m.dim};
  linear_backward(pass, dq, b.W_Q, last, false);
  for (Index r = 0; r < last.rows; ++r) add_to(da[pass.token_of_row(r)], last[r], m.dim);
}

// Nothing is done to the concatenated heads, so they need no copy.
template <class S>
bool o_is_mixed(const Pass<S>& pass) {
  return !pass.m.output_projection && !pass.dropout.active() && !pass.m.residual;
}

}  // namespace

template <class S>
typename HeadOf<S>::type head_of(const ModelShape& m, const LayerSpace<S>& layer, Index first_token,
                                 Index n_tokens, Index first_row, Index h) {
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  typename HeadOf<S>::type head{};
  head.shape.struct_size = sizeof(attnlab_head_shape);
  head.shape.mask = static_cast<std::int32_t>(m.mask);
  head.shape.n_queries = m.last_query_only ? 1 : n_tokens;
  head.shape.n_keys = n_tokens;
  head.shape.key_dim = m.key_dim;
  head.shape.value_dim = m.value_dim;
  head.shape.first_query = m.last_query_only ? n_tokens - 1 : 0;
  head.shape.temperature = m.temperature;
  head.q = layer.q + first_row * keys + h * m.key_dim;
  head.k = layer.k + first_token * keys + h * m.key_dim;
  head.v = layer.v + first_token * values + h * m.value_dim;
  head.q_stride = keys;
  head.k_stride = keys;
  head.v_stride = values;
  return head;
}

template <class S>
Result<Rows<const S>> attend(const Pass<S>& pass, Index l, Rows<const S> x) {
  const ModelShape& m = pass.m;
  const LayerBlocks& b = pass.model.layers[static_cast<std::size_t>(l)];
  LayerSpace<S>& layer = pass.space.layers[static_cast<std::size_t>(l)];
  const Index width = m.width(l), values = m.heads * m.value_dim;
  const bool streams = l == 0 && pass.streams;
  if (streams) {
    // one sample at a time, in run_heads
  } else if (l == 0 && pass.shared) {
    project_shared(pass);
  } else if (m.norm == Norm::pre_layer) {
    const Rows<S> a{layer.normed_1, x.rows, x.columns};
    layer_norm(x, pass.value(b.norm_1_gain), pass.value(b.norm_1_bias), a, layer.stats_1);
    project(pass, l, a.read());
  } else {
    project(pass, l, x);
  }
  const auto ran = run_heads(pass, l, layer, streams);
  if (!ran) return ran.errors();

  const Rows<const S> o{layer.o, pass.n_rows, values};
  const Rows<S> mixed{layer.mixed, pass.n_rows, width};
  if (m.output_projection) {
    product(o, pass.matrix(b.W_O), mixed);
    if (b.b_O != nullptr) add_bias(mixed, pass.value(b.b_O));
  } else if (!o_is_mixed(pass)) {
    std::copy_n(o.data, o.size(), mixed.data);
  }
  const Rows<const S> result = o_is_mixed(pass) ? o : mixed.read();
  drop(pass, 3 * l + 1, false, mixed, layer.mask_1);
  if (m.residual)
    for (Index r = 0; r < mixed.rows; ++r) add_to(mixed[r], x[pass.token_of_row(r)], width);
  const Rows<S> middle{layer.middle, pass.n_rows, width};
  if (m.norm == Norm::post_layer)
    layer_norm(result, pass.value(b.norm_1_gain), pass.value(b.norm_1_bias), middle, layer.stats_1);
  else if (m.norm == Norm::l2)
    unit_norm(result, middle, layer.stats_1);
  else
    return result;
  return middle.read();
}

template <class S>
Result<Rows<S>> attend_backward(const Pass<S>& pass, Index l, Rows<const S> x, Rows<S> d) {
  const ModelShape& m = pass.m;
  const LayerBlocks& b = pass.model.layers[static_cast<std::size_t>(l)];
  Workspace<S>& s = pass.space;
  LayerSpace<S>& layer = s.layers[static_cast<std::size_t>(l)];
  const Index width = m.width(l), values = m.heads * m.value_dim;
  const Rows<const S> o{layer.o, pass.n_rows, values};
  const Rows<const S> mixed = o_is_mixed(pass) ? o : Rows<const S>{layer.mixed, pass.n_rows, width};
  if (m.norm == Norm::post_layer)
    layer_norm_backward(mixed, pass.value(b.norm_1_gain), layer.stats_1, d,
                        pass.slope(b.norm_1_gain), pass.slope(b.norm_1_bias));
  if (m.norm == Norm::l2)
    unit_norm_backward(Rows<const S>{layer.middle, pass.n_rows, width}, layer.stats_1, d);

  Rows<S> dy = d;
  if (m.residual && pass.dropout.active()) {
    dy.data = s.d_copy;
    std::copy_n(d.data, d.size(), dy.data);
  }
  if (pass.dropout.active()) drop_backward(pass.dropout, layer.mask_1, dy.data, dy.size());
  if (S* slope = pass.slope(b.b_O)) add_column_sums(dy.read(), slope);
  if (S* slope = pass.slope(b.W_O))
    transposed_product(o, dy.read(), Rows<S>{slope, values, width}, Into::add);
  if (!pass.reaches(stage_qkv(l))) return d;

  const S* d_o = dy.data;
  if (m.output_projection) {
    product_transposed(dy.read(), pass.matrix(b.W_O), Rows<S>{s.d_o, pass.n_rows, values});
    d_o = s.d_o;
  }
  const auto ran = run_heads_back(pass, l, layer, d_o, l == 0 && pass.streams);
  if (!ran) return ran.errors();

  const Rows<S> dx{d.data == s.d ? s.d_other : s.d, pass.n_tokens, m.dim};
  const bool deeper = pass.reaches(stage_qkv(l) - 1);
  if (l == 0 && pass.shared) {
    if (!pass.streams) project_shared_backward(pass);
    if (!m.residual || !deeper) return dx;
    std::fill_n(dx.data, dx.size(), S(0));
  } else {
    const bool pre = m.norm == Norm::pre_layer;
    const Rows<const S> a = pre ? Rows<const S>{layer.normed_1, pass.n_tokens, m.dim} : x;
    project_backward(pass, l, a, dx, pre || deeper);
    if (pre)
      layer_norm_backward(x, pass.value(b.norm_1_gain), layer.stats_1, dx,
                          pass.slope(b.norm_1_gain), pass.slope(b.norm_1_bias));
  }
  if (m.residual && deeper)
    for (Index r = 0; r < d.rows; ++r) add_to(dx[pass.token_of_row(r)], d[r], m.dim);
  return dx;
}

#define ATTNLAB_FOR(S)                                                                           \
  template HeadOf<S>::type head_of(const ModelShape&, const LayerSpace<S>&, Index, Index, Index, \
                                   Index);                                                       \
  template Result<Rows<const S>> attend(const Pass<S>&, Index, Rows<const S>);                   \
  template Result<Rows<S>> attend_backward(const Pass<S>&, Index, Rows<const S>, Rows<S>);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

// embed.cpp: tokens to rows, and the short way of layer 0 when equal tokens have equal rows.
//
// Without positions, norm or dropout in front of layer 0, Q, K and V of a token hang on its id
// alone: each distinct id of the batch is projected once. For one-hot tokens even that is no
// product: X W picks rows of W.
#include <cmath>

#include "base/assert.hpp"
#include "model/inside.hpp"
#include "model/products.hpp"

namespace attnlab {
namespace {

template <class S>
S embedding_scale(const ModelShape& m) {
  const bool scaled = m.positions == Positions::sinusoidal && !m.is_dense();
  return scaled ? static_cast<S>(std::sqrt(static_cast<double>(m.dim))) : S(1);
}

template <class S>
Rows<const S> inputs(const Pass<S>& pass) {
  const Index width = pass.m.input_dim;
  return {pass.batch.inputs + pass.batch.first[0] * width, pass.n_tokens, width};
}

template <class S>
void write_token(const Pass<S>& pass, Index t, S scale, S* out) {
  const ModelShape& m = pass.m;
  if (m.embedding == Embedding::dense) {
    std::copy_n(inputs(pass)[t], m.dim, out);
    return;
  }
  const std::int32_t id = pass.token(t);
  ATTNLAB_ASSERT(id >= 0 && id < m.vocabulary);
  if (m.embedding == Embedding::one_hot) {
    std::fill_n(out, m.dim, S(0));
    out[id] = scale;
    return;
  }
  const S* row = pass.value(pass.model.W_E) + id * m.dim;
  for (Index i = 0; i < m.dim; ++i) out[i] = scale * row[i];
}

}  // namespace

template <class S>
Rows<const S> embed(const Pass<S>& pass) {
  const ModelShape& m = pass.m;
  const bool plain = m.positions == Positions::none && !pass.dropout.active();
  if (plain && m.embedding == Embedding::dense) return inputs(pass);
  const Rows<S> x{pass.space.x0, pass.n_tokens, m.dim};
  if (pass.shared && !m.residual) return x.read();  // nobody looks at it
  const S scale = embedding_scale<S>(m);
  if (m.embedding == Embedding::linear)
    linear(pass, inputs(pass), pass.model.W_E, pass.model.b_E, x);
  else
    for (Index t = 0; t < x.rows; ++t) write_token(pass, t, scale, x[t]);
  if (m.positions != Positions::none) {
    const S* table =
        m.positions == Positions::learned ? pass.value(pass.model.W_P) : pass.model.waves.data();
    for (Index t = 0; t < x.rows; ++t) {
      const Index place = pass.batch.positions[pass.batch.first[0] + t];
      ATTNLAB_ASSERT(place >= 0 && place < m.max_tokens);
      add_to(x[t], table + place * m.dim, m.dim);
    }
  }
  drop(pass, 0, true, x, pass.space.mask_0);
  return x.read();
}

template <class S>
void embed_backward(const Pass<S>& pass, Rows<S> d) {
  const ModelShape& m = pass.m;
  if (pass.dropout.active()) drop_backward(pass.dropout, pass.space.mask_0, d.data, d.size());
  if (S* slope = pass.slope(pass.model.W_P))
    for (Index t = 0; t < d.rows; ++t)
      add_to(slope + pass.batch.positions[pass.batch.first[0] + t] * m.dim, d[t], m.dim);
  if (m.embedding == Embedding::linear)
    return linear_gradient(pass, inputs(pass), pass.model.W_E, pass.model.b_E, d.read());
  if (S* slope = pass.slope(pass.model.W_E)) {
    const S scale = embedding_scale<S>(m);
    for (Index t = 0; t < d.rows; ++t)
      add_scaled(slope + pass.token(t) * m.dim, scale, d[t], m.dim);
  }
}

// Gives every distinct id a slot, in the order in which ids come.
template <class S>
void find_distinct(const Pass<S>& pass) {
  Workspace<S>& s = pass.space;
  s.n_distinct = 0;
  for (Index t = 0; t < pass.n_tokens; ++t) {
    const std::int32_t id = pass.token(t);
    ATTNLAB_ASSERT(id >= 0 && id < pass.m.vocabulary);
    if (s.place[id] < 0) {
      s.place[id] = static_cast<std::int32_t>(s.n_distinct);
      s.distinct[s.n_distinct++] = id;
    }
    s.slot[t] = s.place[id];
  }
  for (Index u = 0; u < s.n_distinct; ++u) s.place[s.distinct[u]] = -1;
}

namespace {

// One-hot tokens: Q, K or V of n tokens (or of n rows that ask) from number `first` on are rows of
// W.
template <class S>
void pick(const Pass<S>& pass, const ParameterBlock* w, const ParameterBlock* b, bool asking,
          Index first, Index n, S* out) {
  const Index columns = w->columns, all = w->heads * columns;
  const S* value = pass.value(w);
  for (Index r = 0; r < n; ++r) {
    const Index id = pass.token(asking ? pass.token_of_row(first + r) : first + r);
    for (Index h = 0; h < w->heads; ++h)
      std::copy_n(value + (h * w->rows + id) * columns, columns, out + r * all + h * columns);
  }
  if (b != nullptr) add_bias(Rows<S>{out, n, all}, pass.value(b));
}

// Adds d, the gradients of n such rows, to those of W and b.
template <class S>
void pick_backward(const Pass<S>& pass, const ParameterBlock* w, const ParameterBlock* b,
                   bool asking, Index first, Index n, const S* d) {
  const Index columns = w->columns, all = w->heads * columns;
  if (S* slope = pass.slope(b)) add_column_sums(Rows<const S>{d, n, all}, slope);
  S* slope = pass.slope(w);
  if (slope == nullptr) return;
  for (Index r = 0; r < n; ++r) {
    const Index id = pass.token(asking ? pass.token_of_row(first + r) : first + r);
    for (Index h = 0; h < w->heads; ++h)
      add_to(slope + (h * w->rows + id) * columns, d + r * all + h * columns, columns);
  }
}

// Q, K or V of every row (or of the rows that ask) from those of the distinct ids.
template <class S>
void spread(const Pass<S>& pass, const ParameterBlock* w, const ParameterBlock* b, bool asking,
            S* out) {
  Workspace<S>& s = pass.space;
  const Index all = w->heads * w->columns;
  const Index n = asking ? pass.n_rows : pass.n_tokens;
  const auto token = [&](Index r) { return asking ? pass.token_of_row(r) : r; };
  if (pass.m.embedding == Embedding::one_hot) return pick(pass, w, b, asking, 0, n, out);
  const Rows<S> y{s.y_distinct, s.n_distinct, all};
  linear(pass, Rows<const S>{s.x_distinct, s.n_distinct, pass.m.dim}, w, b, y);
  for (Index r = 0; r < n; ++r) std::copy_n(y[s.slot[token(r)]], all, out + r * all);
}

template <class S>
void gather_back(const Pass<S>& pass, const ParameterBlock* w, const ParameterBlock* b, bool asking,
                 const S* d, bool& begun) {
  Workspace<S>& s = pass.space;
  const Index all = w->heads * w->columns;
  const Index n = asking ? pass.n_rows : pass.n_tokens;
  const auto token = [&](Index r) { return asking ? pass.token_of_row(r) : r; };
  if (pass.m.embedding == Embedding::one_hot) return pick_backward(pass, w, b, asking, 0, n, d);
  const Rows<S> dy{s.y_distinct, s.n_distinct, all};
  std::fill_n(dy.data, dy.size(), S(0));
  for (Index r = 0; r < n; ++r) add_to(dy[s.slot[token(r)]], d + r * all, all);
  linear_gradient(pass, Rows<const S>{s.x_distinct, s.n_distinct, pass.m.dim}, w, b, dy.read());
  if (pass.slope(pass.model.W_E) == nullptr) return;
  linear_backward(pass, dy.read(), w, Rows<S>{s.d_distinct, s.n_distinct, pass.m.dim}, begun);
  begun = true;
}

}  // namespace

template <class S>
void project_shared(const Pass<S>& pass) {
  Workspace<S>& s = pass.space;
  const LayerBlocks& b = pass.model.layers[0];
  if (pass.m.embedding != Embedding::one_hot)
    for (Index u = 0; u < s.n_distinct; ++u)
      std::copy_n(pass.value(pass.model.W_E) + s.distinct[u] * pass.m.dim, pass.m.dim,
                  s.x_distinct + u * pass.m.dim);
  spread(pass, b.W_Q, b.b_Q, true, s.layers[0].q);
  spread(pass, b.W_K, b.b_K, false, s.layers[0].k);
  spread(pass, b.W_V, b.b_V, false, s.layers[0].v);
}

template <class S>
void project_shared_backward(const Pass<S>& pass) {
  Workspace<S>& s = pass.space;
  const LayerBlocks& b = pass.model.layers[0];
  bool begun = false;
  gather_back(pass, b.W_Q, b.b_Q, true, s.d_q, begun);
  gather_back(pass, b.W_K, b.b_K, false, s.d_k, begun);
  gather_back(pass, b.W_V, b.b_V, false, s.d_v, begun);
  if (!begun) return;
  S* slope = pass.slope(pass.model.W_E);
  for (Index u = 0; u < s.n_distinct; ++u)
    add_to(slope + s.distinct[u] * pass.m.dim, s.d_distinct + u * pass.m.dim, pass.m.dim);
}

template <class S>
void project_sample(const Pass<S>& pass, Index i) {
  const LayerBlocks& b = pass.model.layers[0];
  const LayerSpace<S>& layer = pass.space.layers[0];
  pick(pass, b.W_Q, b.b_Q, true, pass.first_row(i), pass.rows(i), layer.q);
  pick(pass, b.W_K, b.b_K, false, pass.first(i), pass.length(i), layer.k);
  pick(pass, b.W_V, b.b_V, false, pass.first(i), pass.length(i), layer.v);
}

template <class S>
void project_sample_backward(const Pass<S>& pass, Index i) {
  const LayerBlocks& b = pass.model.layers[0];
  const Workspace<S>& s = pass.space;
  pick_backward(pass, b.W_Q, b.b_Q, true, pass.first_row(i), pass.rows(i), s.d_q);
  pick_backward(pass, b.W_K, b.b_K, false, pass.first(i), pass.length(i), s.d_k);
  pick_backward(pass, b.W_V, b.b_V, false, pass.first(i), pass.length(i), s.d_v);
}

#define ATTNLAB_FOR(S)                                          \
  template void project_sample(const Pass<S>&, Index);          \
  template void project_sample_backward(const Pass<S>&, Index); \
  template Rows<const S> embed(const Pass<S>&);                 \
  template void embed_backward(const Pass<S>&, Rows<S>);        \
  template void find_distinct(const Pass<S>&);                  \
  template void project_shared(const Pass<S>&);                 \
  template void project_shared_backward(const Pass<S>&);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

// workspace.cpp: how much room a pass needs.
#include "model/workspace.hpp"

#include "host/sizes.hpp"
#include "model/inside.hpp"
#include "model/yz.hpp"

namespace attnlab {
namespace {

attnlab_head_shape largest_head(const ModelShape& m, Index queries, Index tokens) {
  attnlab_head_shape shape{};
  shape.struct_size = sizeof(shape);
  shape.mask = static_cast<std::int32_t>(m.mask);
  shape.n_queries = queries;
  shape.n_keys = tokens;
  shape.key_dim = m.key_dim;
  shape.value_dim = m.value_dim;
  shape.first_query = tokens - queries;
  shape.temperature = m.temperature;
  return shape;
}

template <class S>
void take_layers(Workspace<S>& s, const ModelShape& m, Index rows) {
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  const Index tokens = s.max_all_tokens, forward = m.feed_forward;
  const bool pre = m.norm == Norm::pre_layer, post = m.norm == Norm::post_layer;
  const Index slots = s.for_gradient ? s.max_samples * m.heads : 1;
  const auto floats = [&](bool wanted, Index n) {
    return s.store.template take<S>(wanted ? n : 0);
  };
  const auto bytes = [&](bool wanted, Index n) {
    return s.store.template take<std::uint8_t>(wanted ? n : 0);
  };
  for (Index l = 0; l < m.layers; ++l) {
    if (!s.for_gradient && l >= 2) {  // two sets of buffers take turns
      s.layers.push_back(s.layers[static_cast<std::size_t>(l - 2)]);
    } else {
      const Index width = std::max(m.dim, m.last_width);
      LayerSpace<S> layer{};
      layer.normed_1 = floats(pre, tokens * m.dim);
      layer.stats_1 = floats(m.norm != Norm::none, 2 * tokens);
      layer.v = floats(true, tokens * values);
      layer.o = floats(true, rows * values);
      layer.saved = floats(true, slots * s.n_saved);
      layer.mixed = floats(true, rows * width);
      layer.middle = floats(post || m.norm == Norm::l2, rows * width);
      layer.normed_2 = floats(pre && forward > 0, rows * width);
      layer.stats_2 = floats(pre || post, 2 * rows);
      layer.hidden = floats(true, rows * forward);
      layer.slope =
          floats(m.feed_forward_activation == Activation::gelu && s.for_gradient, rows * forward);
      layer.fed = floats(forward > 0, rows * width);
      layer.out = floats(post && forward > 0, rows * width);
      layer.mask_1 = bytes(m.dropout > 0, rows * width);
      layer.mask_hidden = bytes(m.dropout > 0, rows * forward);
      layer.mask_2 = bytes(m.dropout > 0 && forward > 0, rows * width);
      s.layers.push_back(layer);
    }
    s.layers.back().q = floats(true, rows * keys);
    s.layers.back().k = floats(true, tokens * keys);
  }
}

template <class S>
void take_backward(Workspace<S>& s, const ModelShape& m, Index rows, Index answers) {
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  const Index widest = std::max(m.dim, m.last_width);
  const auto floats = [&](Index n) { return s.store.template take<S>(s.for_gradient ? n : 0); };
  s.d_pooled = floats(s.max_samples * m.last_width);
  s.d_head_hidden = floats(answers * m.head_hidden);
  s.d = floats(s.max_all_tokens * widest);
  s.d_other = floats(s.max_all_tokens * widest);
  s.d_copy = floats(rows * widest);
  s.d_hidden = floats(rows * m.feed_forward);
  s.d_o = floats(rows * values);
  s.d_q = floats(rows * keys);
  s.d_k = floats(s.max_all_tokens * keys);
  s.d_v = floats(s.max_all_tokens * values);
}

}  // namespace

template <class S>
std::unique_ptr<Workspace<S>> Model<S>::workspace(Index n_samples, Index n_tokens, Index max_tokens,
                                                  bool for_gradient) const {
  const ModelShape& m = inside_->shape;
  auto space = std::make_unique<Workspace<S>>();
  Workspace<S>& s = *space;
  s.max_samples = n_samples;
  s.max_all_tokens = n_tokens;
  s.max_tokens = max_tokens;
  s.for_gradient = for_gradient;
  const Index rows = m.last_query_only ? n_samples : n_tokens;
  const Index answers = m.readout == Readout::tokens ? n_tokens : n_samples;
  const Index keys = m.heads * m.key_dim, values = m.heads * m.value_dim;
  const Index wide = std::max(keys, values);
  const auto floats = [&](Index n) { return s.store.template take<S>(n); };

  const Index queries = m.last_query_only ? 1 : max_tokens;
  const Kernel& kernel = *inside_->kernel;
  const KernelSizes whole = sizes_of(kernel, largest_head(m, queries, max_tokens));
  const KernelSizes block =
      sizes_of(kernel, largest_head(m, std::min(queries, query_block), max_tokens));
  s.n_saved = (static_cast<Index>(whole.saved) + 15) / 16 * 16;
  s.kernel_work = floats(static_cast<Index>(std::max(whole.work, block.work)));
  s.weights = floats(std::min(queries, query_block) * max_tokens);
  s.kept = s.store.template take<std::uint8_t>(m.attention_dropout > 0 ? queries * max_tokens : 0);
  if (m.parameterization != Parameterization::qkv) {
    take_yz(s, m);
    return space;
  }
  take_layers(s, m, rows);

  s.x0 = floats(n_tokens * m.dim);
  s.x_last = floats(m.last_query_only ? n_samples * m.dim : 0);
  s.mask_0 = s.store.template take<std::uint8_t>(m.dropout > 0 ? n_tokens * m.dim : 0);
  s.packed = floats(m.heads > 1 ? m.dim * wide : 0);
  s.packed_slope = floats(m.heads > 1 ? m.dim * wide : 0);
  s.last_token = s.store.template take<Index>(n_samples);
  const bool distinct = !m.is_dense() && m.embedding != Embedding::one_hot;
  const Index slots = distinct ? std::min(n_tokens, m.vocabulary) : 0;
  s.slot = s.store.template take<std::int32_t>(n_tokens);
  s.distinct = s.store.template take<std::int32_t>(slots);
  s.place = s.store.template take<std::int32_t>(distinct ? m.vocabulary : 0);
  if (distinct) std::fill_n(s.place, m.vocabulary, -1);
  s.x_distinct = floats(slots * m.dim);
  s.d_distinct = floats(slots * m.dim);
  s.y_distinct = floats(slots * wide);

  s.final = floats(m.norm == Norm::pre_layer ? rows * m.last_width : 0);
  s.final_stats = floats(2 * rows);
  s.pooled = floats(n_samples * m.last_width);
  s.head_hidden = floats(answers * m.head_hidden);
  s.head_slope = floats(answers * m.head_hidden);
  s.fold = floats(m.last_width * m.outputs);
  s.fold_slope = floats(m.last_width * m.outputs);
  s.outputs = floats(answers * m.outputs);
  s.d_outputs = floats((for_gradient ? answers : 1) * m.outputs);
  take_backward(s, m, rows, answers);
  return space;
}

template std::unique_ptr<Workspace<float>> Model<float>::workspace(Index, Index, Index, bool) const;
template std::unique_ptr<Workspace<double>> Model<double>::workspace(Index, Index, Index,
                                                                     bool) const;

}  // namespace attnlab

template <class S>
void std::default_delete<attnlab::Workspace<S>>::operator()(attnlab::Workspace<S>* w) const {
  delete w;
}

template struct std::default_delete<attnlab::Workspace<float>>;
template struct std::default_delete<attnlab::Workspace<double>>;

// model.cpp: the story of one pass: embed, attend and feed forward layer by layer, read out, judge,
// and all the way back.
#include "model/model.hpp"

#include <cmath>

#include "base/assert.hpp"
#include "model/inside.hpp"
#include "model/yz.hpp"

namespace attnlab {
namespace {

LayerBlocks blocks_of_layer(const ParameterLayout& layout, Index l) {
  const auto at = [&](const char* name) -> const ParameterBlock* {
    for (const auto& b : layout.blocks)
      if (b.layer == l && b.base_name == name) return &b;
    return nullptr;
  };
  return {at("W_Q"),         at("W_K"),         at("W_V"),         at("W_O"),
          at("b_Q"),         at("b_K"),         at("b_V"),         at("b_O"),
          at("W_F1"),        at("b_F1"),        at("W_F2"),        at("b_F2"),
          at("norm_1_gain"), at("norm_1_bias"), at("norm_2_gain"), at("norm_2_bias")};
}

Index stage_of(const ModelShape& m, const ParameterBlock& b) {
  if (b.base_name == "W_E" || b.base_name == "b_E" || b.base_name == "W_P") return 0;
  if (b.layer < 0) return stage_feed_forward(m.layers - 1) + 1;
  if (b.base_name.find('F') != std::string::npos || b.base_name.starts_with("norm_2"))
    return stage_feed_forward(b.layer);
  if (b.base_name == "W_O" || b.base_name == "b_O") return stage_mix(b.layer);
  if (b.base_name.starts_with("norm_1") && m.norm == Norm::post_layer) return stage_mix(b.layer);
  return stage_qkv(b.layer);
}

// P[pos][2 i] = sin(pos / 10000^(2 i / dim)), P[pos][2 i + 1] = cos of the same (Vaswani et al.
// 2017, 3.5).
template <class S>
std::vector<S> waves(const ModelShape& m) {
  std::vector<S> table;
  if (m.positions != Positions::sinusoidal) return table;
  for (Index t = 0; t < m.max_tokens; ++t) {
    for (Index c = 0; c < m.dim; ++c) {
      const double power = static_cast<double>(c - c % 2) / static_cast<double>(m.dim);
      const double angle = static_cast<double>(t) / std::pow(10000.0, power);
      table.push_back(static_cast<S>(c % 2 == 0 ? std::sin(angle) : std::cos(angle)));
    }
  }
  return table;
}

// A pass before its first step. `gradient` empty: forward only.
template <class S>
Pass<S> new_pass(const Parts<S>& model, const Batch<S>& batch, const S* parameters,
                 std::span<S> gradient, double scale, bool training, Index step,
                 Workspace<S>& space) {
  const ModelShape& m = model.shape;
  const Index n_tokens = batch.first[batch.n_samples] - batch.first[0];
  ATTNLAB_ASSERT(batch.n_samples >= 1 && batch.n_samples <= space.max_samples);
  ATTNLAB_ASSERT(n_tokens <= space.max_all_tokens && (gradient.empty() || space.for_gradient));
  const Dropout dropout{model.seed, step, training ? m.dropout : 0.0};
  const Dropout attention_dropout{model.seed, step, training ? m.attention_dropout : 0.0};
  const bool shared = !m.is_dense() && m.positions == Positions::none &&
                      m.norm != Norm::pre_layer && !dropout.active();
  const bool streams = shared && m.embedding == Embedding::one_hot && !space.keeps_heads;
  return {model,
          m,
          batch,
          parameters,
          gradient.empty() ? nullptr : gradient.data(),
          scale,
          dropout,
          attention_dropout,
          space,
          n_tokens,
          m.last_query_only ? batch.n_samples : n_tokens,
          shared,
          streams};
}

// What the first layer gets.
template <class S>
Rows<const S> enter(const Pass<S>& pass) {
  for (Index i = 0; i < pass.batch.n_samples; ++i)
    pass.space.last_token[i] = pass.first(i) + pass.length(i) - 1;
  if (pass.shared && pass.m.embedding != Embedding::one_hot) find_distinct(pass);
  return embed(pass);
}

}  // namespace

template <class S>
Model<S>::Model(const ModelShape& shape, const ParameterLayout& layout, const Kernel& kernel,
                const TaskShape& task, std::uint64_t seed)
    : inside_(new Inside{}) {
  Inside& in = *inside_;
  in.shape = shape;
  in.layout = layout;
  in.kernel = &kernel;
  in.task = task;
  in.seed = seed;
  for (Index l = 0; l < shape.layers; ++l) in.layers.push_back(blocks_of_layer(in.layout, l));
  in.W_E = in.layout.find("W_E");
  in.b_E = in.layout.find("b_E");
  in.W_P = in.layout.find("W_P");
  in.final_norm_gain = in.layout.find("final_norm_gain");
  in.final_norm_bias = in.layout.find("final_norm_bias");
  in.W_H1 = in.layout.find("W_H1");
  in.b_H1 = in.layout.find("b_H1");
  in.W_H2 = in.layout.find("W_H2");
  in.b_H2 = in.layout.find("b_H2");
  in.Y = in.layout.find("Y");
  in.Z = in.layout.find("Z");
  in.W_C = in.layout.find("W_C");
  in.b_C = in.layout.find("b_C");
  in.waves = waves<S>(shape);
  in.lowest_stage = stage_feed_forward(shape.layers - 1) + 1;
  for (const auto& b : in.layout.blocks)
    if (b.trained) in.lowest_stage = std::min(in.lowest_stage, stage_of(shape, b));
}

template <class S>
Model<S>::Model(Model&&) noexcept = default;
template <class S>
Model<S>::~Model() = default;

template <class S>
Result<PassResult> Model<S>::pass(const Batch<S>& batch, const S* parameters, std::span<S> gradient,
                                  double scale, bool training, Index step, Workspace<S>& space,
                                  double* sample_loss, std::int8_t* sample_correct) const {
  const ModelShape& m = inside_->shape;
  const Pass<S> pass =
      new_pass<S>(*inside_, batch, parameters, gradient, scale, training, step, space);
  if (m.parameterization != Parameterization::qkv)
    return yz_pass(pass, sample_loss, sample_correct);

  Rows<const S> x = enter(pass);
  for (Index l = 0; l < m.layers; ++l) {
    auto& layer = space.layers[static_cast<std::size_t>(l)];
    layer.x = x.data;
    const auto attended = attend(pass, l, x);
    if (!attended) return attended.errors();
    layer.attended = attended->data;
    x = feed_forward(pass, l, *attended);
  }
  const Rows<const S> outputs = read_out(pass, x);
  space.answers = outputs.data;
  space.n_answers = outputs.size();

  const bool backward = !gradient.empty() && inside_->layout.n_trained > 0;
  const Rows<S> df{backward ? space.d_outputs : nullptr, outputs.rows, outputs.columns};
  const PassResult result = judge(pass, outputs, df, sample_loss, sample_correct);
  if (!backward) return result;

  Rows<S> d = read_out_backward(pass, x, df.read());
  for (Index l = m.layers; l-- > 0;) {
    const auto& layer = space.layers[static_cast<std::size_t>(l)];
    if (!pass.reaches(stage_feed_forward(l))) return result;
    feed_forward_backward(pass, l, Rows<const S>{layer.attended, d.rows, d.columns}, d);
    if (!pass.reaches(stage_mix(l))) return result;
    const auto back = attend_backward(pass, l, Rows<const S>{layer.x, pass.n_tokens, m.dim}, d);
    if (!back) return back.errors();
    d = *back;
  }
  if (pass.reaches(0) && (!pass.shared || m.residual)) embed_backward(pass, d);
  return result;
}

template <class S>
Result<Done> Model<S>::pass_to_attention(const Batch<S>& batch, const S* parameters,
                                         Workspace<S>& space) const {
  const ModelShape& m = inside_->shape;
  const Pass<S> pass = new_pass<S>(*inside_, batch, parameters, {}, 0, false, 0, space);
  if (m.parameterization != Parameterization::qkv) {
    const auto passed = yz_pass(pass, nullptr, nullptr);
    if (!passed) return passed.errors();
    return Done{};
  }
  Rows<const S> x = enter(pass);
  for (Index l = 0; l < m.layers; ++l) {
    const auto attended = attend(pass, l, x);
    if (!attended) return attended.errors();
    if (l + 1 < m.layers) x = feed_forward(pass, l, *attended);
  }
  return Done{};
}

template <class S>
std::span<const S> Model<S>::outputs(const Workspace<S>& workspace) const {
  return {workspace.answers, static_cast<std::size_t>(workspace.n_answers)};
}

template class Model<float>;
template class Model<double>;

}  // namespace attnlab

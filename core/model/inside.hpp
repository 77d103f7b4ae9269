// inside.hpp: what a model knows between passes, and what the stages of one pass hand to each
// other.
#pragma once

#include <vector>

#include "model/dropout.hpp"
#include "model/model.hpp"
#include "model/rows.hpp"
#include "model/workspace.hpp"

namespace attnlab {

// The matrices of one layer; null: this model has none of that name.
struct LayerBlocks {
  const ParameterBlock *W_Q, *W_K, *W_V, *W_O, *b_Q, *b_K, *b_V, *b_O, *W_F1, *b_F1, *W_F2, *b_F2,
      *norm_1_gain, *norm_1_bias, *norm_2_gain, *norm_2_bias;
};

// Stages of a pass in their order: 0 the embedding; of layer l: 3 l + 1 queries, keys, values; 3 l
// + 2 what follows the attention; 3 l + 3 the feed-forward part; then the head. Backward goes no
// deeper than the lowest stage with a trained matrix.
inline Index stage_qkv(Index l) { return 3 * l + 1; }
inline Index stage_mix(Index l) { return 3 * l + 2; }
inline Index stage_feed_forward(Index l) { return 3 * l + 3; }

template <class S>
struct Parts {
  ModelShape shape;
  ParameterLayout layout;
  const Kernel* kernel;
  TaskShape task;
  std::uint64_t seed;
  std::vector<LayerBlocks> layers;
  const ParameterBlock *W_E, *b_E, *W_P, *final_norm_gain, *final_norm_bias, *W_H1, *b_H1, *W_H2,
      *b_H2, *W_C, *b_C, *Y, *Z;
  std::vector<S> waves;    // sinusoidal positions [max_tokens][dim]
  Index lowest_stage = 0;  // with a trained matrix
};

template <class S>
struct Model<S>::Inside : Parts<S> {};

// One pass over one batch: borrowed from everybody, gone at its end.
template <class S>
struct Pass {
  const Parts<S>& model;
  const ModelShape& m;
  const Batch<S>& batch;
  const S* parameters;
  S* gradient;  // null: forward only
  double scale;
  Dropout dropout, attention_dropout;
  Workspace<S>& space;
  Index n_tokens;  // of all samples
  Index n_rows;    // tokens that ask: n_tokens, or one a sample
  bool shared;     // layer 0 projects each distinct token once
  bool streams;    // and keeps Q, K, V of one sample at a time, in the first rows of their buffers

  Index first(Index i) const { return batch.first[i] - batch.first[0]; }
  Index length(Index i) const { return batch.first[i + 1] - batch.first[i]; }
  Index first_row(Index i) const { return m.last_query_only ? i : first(i); }
  Index rows(Index i) const { return m.last_query_only ? 1 : length(i); }
  std::uint64_t sample(Index i) const {  // as dropout counts it
    return static_cast<std::uint64_t>(batch.sample_number != nullptr ? batch.sample_number[i] : i);
  }
  Index token_of_row(Index r) const { return m.last_query_only ? space.last_token[r] : r; }
  std::int32_t token(Index t) const { return batch.tokens[batch.first[0] + t]; }

  const S* value(const ParameterBlock* b) const { return parameters + b->offset; }
  Rows<const S> matrix(const ParameterBlock* b) const {  // heads stacked in front
    return {value(b), b->heads * b->rows, b->columns};
  }
  S* slope(const ParameterBlock* b) const {  // where its gradient goes; null: nowhere
    return b != nullptr && b->trained && gradient != nullptr ? gradient + b->offset : nullptr;
  }
  bool reaches(Index stage) const { return model.lowest_stage <= stage; }
};

// y = x W + b, all heads beside each other; and back: adds to the gradients of W and b.
template <class S>
void linear(const Pass<S>& pass, Rows<const S> x, const ParameterBlock* w, const ParameterBlock* b,
            Rows<S> y);
template <class S>
void linear_gradient(const Pass<S>& pass, Rows<const S> x, const ParameterBlock* w,
                     const ParameterBlock* b, Rows<const S> dy);

// dx = dy W^T, or added to dx.
template <class S>
void linear_backward(const Pass<S>& pass, Rows<const S> dy, const ParameterBlock* w, Rows<S> dx,
                     bool add);

// Dropout at one site; rows of all tokens, or of those that ask. Does nothing if dropout is off.
template <class S>
void drop(const Pass<S>& pass, Index site, bool all_tokens, Rows<S> x, std::uint8_t* mask);

// embed.cpp: the rows that enter layer 0, and back (d is used up).
template <class S>
Rows<const S> embed(const Pass<S>& pass);
template <class S>
void embed_backward(const Pass<S>& pass, Rows<S> d);
template <class S>
void find_distinct(const Pass<S>& pass);
template <class S>
void project_shared(const Pass<S>& pass);
template <class S>
void project_shared_backward(const Pass<S>& pass);
template <class S>
void project_sample(const Pass<S>& pass, Index i);  // of a pass that streams
template <class S>
void project_sample_backward(const Pass<S>& pass, Index i);

// attend.cpp: one layer's attention with all that belongs to it up to its norm. Backward turns
// dl/d(result) into dl/d(input); both may be the same buffer, or not.
template <class S>
Result<Rows<const S>> attend(const Pass<S>& pass, Index l, Rows<const S> x);
template <class S>
Result<Rows<S>> attend_backward(const Pass<S>& pass, Index l, Rows<const S> x, Rows<S> d);

// feed_forward.cpp: likewise; backward works in place.
template <class S>
Rows<const S> feed_forward(const Pass<S>& pass, Index l, Rows<const S> x);
template <class S>
void feed_forward_backward(const Pass<S>& pass, Index l, Rows<const S> x, Rows<S> d);

// readout.cpp: tokens to one row a sample (or all of them), then the head. Answers the outputs.
template <class S>
Rows<const S> read_out(const Pass<S>& pass, Rows<const S> x);
template <class S>
Rows<S> read_out_backward(const Pass<S>& pass, Rows<const S> x, Rows<const S> d_outputs);

// loss.cpp: loss and right answers; d_outputs = scale * dloss/doutputs unless its data is null.
template <class S>
PassResult judge(const Pass<S>& pass, Rows<const S> outputs, Rows<S> d_outputs, double* sample_loss,
                 std::int8_t* sample_correct);

// attend.cpp: q, k, v of head h of sample i in layer l, as the kernel wants them.
template <class S>
struct HeadOf;
template <>
struct HeadOf<float> {
  using type = attnlab_head_f32;
};
template <>
struct HeadOf<double> {
  using type = attnlab_head_f64;
};
template <class S>
typename HeadOf<S>::type head_of(const ModelShape& m, const LayerSpace<S>& layer, Index first_token,
                                 Index n_tokens, Index first_row, Index h);

}  // namespace attnlab

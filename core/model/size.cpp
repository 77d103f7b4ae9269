// size.cpp: numbers and operations of a trial, estimated before anything is made.
#include "model/model.hpp"

namespace attnlab {
namespace {

double number(Index n) { return static_cast<double>(n); }

// Y and Z: the kernel over max_tokens keys with a value a distinct token, and three products with
// Y. The slaved decoder sees all classes at once, so they are never worth more than one block.
TrialSize yz_size(const ModelShape& m, const ParameterLayout& layout, const TaskShape& task) {
  const double tokens = number(task.max_tokens), slots = number(m.value_dim);
  const double vocabulary = number(m.vocabulary), classes = number(m.classes);
  const bool slaved = m.parameterization == Parameterization::slaved_decoder;
  double flops =
      tokens * (8 * slots + 60) + (slaved ? 0 : 6 * slots * vocabulary) + 20 * vocabulary;
  if (slaved && classes * flops > 1e8) flops = 1e8 / classes;
  const double floats = 3 * tokens + 2 * tokens * slots + 4 * slots + 2 * vocabulary +
                        classes * (vocabulary + 2 * classes);
  return {layout.n, flops, 8 * floats};
}

}  // namespace

// One sample of max_tokens tokens; backward costs twice forward. Bytes: one sample, double
// precision, with a backward; what a kernel saves is taken as two numbers a query.
TrialSize trial_size(const ModelShape& m, const ParameterLayout& layout, const TaskShape& task) {
  if (m.parameterization != Parameterization::qkv) return yz_size(m, layout, task);
  const double tokens = number(task.max_tokens);
  const double rows = m.last_query_only ? 1 : tokens;
  const double keys = number(m.heads * m.key_dim), values = number(m.heads * m.value_dim);
  const double dim = number(m.dim), forward = number(m.feed_forward);
  const bool looked_up = m.embedding == Embedding::one_hot && m.positions == Positions::none &&
                         m.norm != Norm::pre_layer && m.dropout == 0;
  double flops = m.embedding == Embedding::linear ? 2 * tokens * number(m.input_dim) * dim : 0;
  double floats = 3 * tokens * dim;
  for (Index l = 0; l < m.layers; ++l) {
    const double width = number(m.width(l));
    if (l > 0 || !looked_up) flops += 2 * dim * (rows * keys + tokens * (keys + values));
    flops += rows * tokens * (2 * keys + 2 * values + 5 * number(m.heads));
    if (m.output_projection) flops += 2 * rows * values * width;
    flops += rows * (4 * width * forward + 20 * width);
    floats += tokens * (keys + values + dim) + rows * (keys + values + 4 * width + 2 * forward) +
              2 * rows * number(m.heads);
  }
  const double answers = m.readout == Readout::tokens ? rows : 1;
  const double out = number(m.outputs), width = number(m.last_width);
  if (m.head == HeadKind::classes) flops += 2 * answers * width * out;
  if (m.head == HeadKind::hidden) flops += 2 * answers * number(m.head_hidden) * (width + out);
  floats += 4 * answers * out + 3 * answers * number(m.head_hidden);
  floats +=
      3 * tokens * (dim > width ? dim : width) + 2 * tokens * (keys + values) + rows * forward;
  if (m.heads > 1) floats += 2 * dim * (keys > values ? keys : values);
  double bytes = 8 * floats;
  if (m.attention_dropout > 0) {  // random bits a weight, in both directions, and a byte for each
    flops += 4 * number(m.layers * m.heads) * rows * tokens;
    bytes += rows * tokens;
  }
  return {layout.n, 3 * flops, bytes};
}

}  // namespace attnlab

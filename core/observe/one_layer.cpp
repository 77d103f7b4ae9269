// one_layer.cpp: does the model fit, and its matrices.
#include "observe/one_layer.hpp"

namespace attnlab {

std::string unlike_one_layer(const MeasureContext& context) {
  const ModelShape& m = context.model;
  if (context.task.input != InputKind::tokens || m.embedding != Embedding::one_hot)
    return "the inputs are not one-hot tokens";
  if (m.layers != 1 || m.heads != 1) return "the model has several layers or heads";
  if (m.head != HeadKind::hidden || m.head_activation != Activation::identity ||
      !m.head_fixed_signs || m.outputs != 1)
    return "the head is not {hidden: n, activation: identity, second_layer: fixed_signs}";
  if (m.output_projection || m.bias || m.residual || m.feed_forward > 0 || m.norm != Norm::none ||
      m.dropout > 0 || m.positions != Positions::none)
    return "the value path is not linear: output_projection, bias, residual must be false, norm, "
           "feed_forward, positions none, dropout 0";
  if (m.readout != Readout::sum || m.last_query_only || m.mask != Mask::none)
    return "the answer is not the sum over all queries without a mask";
  const Settings* const parameterization = find(context.trial, "model.parameterization");
  if (parameterization && *parameterization != "qkv") return "the parameterization is not qkv";
  if (m.loss != Loss::logistic) return "the loss is not logistic";
  const Settings* const batch = find(context.trial, "training.batch");
  if (!batch || *batch != "full") return "the batch is not full";
  return "";
}

double dot(std::span<const double> x, std::span<const double> y) {
  double s[4] = {0, 0, 0, 0};
  const std::size_t n = x.size(), whole = n - n % 4;
  for (std::size_t i = 0; i < whole; i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane) s[lane] += x[i + lane] * y[i + lane];
  for (std::size_t i = whole; i < n; ++i) s[0] += x[i] * y[i];
  return (s[0] + s[1]) + (s[2] + s[3]);
}

Rows OneLayer::parameter(const StepView& view, const char* name) const {
  const ParameterBlock& block = *layout->find(name);
  return {view.parameter(block), block.columns};
}

Rows OneLayer::velocity(const StepView& view, const char* name) const {
  const ParameterBlock& block = *layout->find(name);
  Rows out{view.gradient(block), block.columns};
  for (double& x : out.numbers) x = -x;
  return out;
}

}  // namespace attnlab

// shape.hpp: the sizes and switches of one model, read off the settings of a trial and the shape of
// its task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/settings.hpp"
#include "base/task_shape.hpp"

namespace attnlab {

// dense: inputs are rows of `dim` already; linear: of another width, x = input W_E + b_E
enum class Embedding { learned, one_hot, orthonormal, gaussian, dense, linear };
enum class Positions { none, learned, sinusoidal };
enum class Mask { none = 0, causal = 1, causal_exclusive = 2 };  // the numbers of kernel.h
enum class Norm { none, pre_layer, post_layer, l2 };
enum class Activation { identity, relu, gelu };
enum class Readout { sum, mean, mean_padded, last, tokens };
enum class HeadKind { none, hidden, classes };
enum class Parameterization { qkv, yz, slaved_decoder };
enum class Loss { logistic, cross_entropy, squared };

struct ModelShape {
  Parameterization parameterization = Parameterization::qkv;
  Embedding embedding = Embedding::learned;
  Positions positions = Positions::none;
  Index input_dim = 0;  // dense inputs: their width
  Index vocabulary = 0, max_tokens = 0, dim = 0, heads = 1, key_dim = 0, value_dim = 0, layers = 1;
  bool last_query_only = false;
  Mask mask = Mask::none;
  bool output_projection = true, bias = true, residual = false;
  Norm norm = Norm::none;
  double dropout = 0;
  double attention_dropout = 0;  // of the attention weights themselves
  double temperature = 1;        // scores are divided by it; null in the settings: sqrt(key_dim)
  Index feed_forward = 0;        // hidden width, 0: none
  Activation feed_forward_activation = Activation::gelu;
  Readout readout = Readout::sum;
  Index padded_length = 0;  // mean_padded: what the sum is divided by
  HeadKind head = HeadKind::none;
  Index head_hidden = 0;
  Activation head_activation = Activation::identity;
  bool head_fixed_signs = false;
  Index outputs = 1;  // numbers a sample (or token) that the model answers
  Loss loss = Loss::logistic;
  Index classes = 0;     // slaved_decoder: K, one sample each
  Index last_width = 0;  // width behind the last layer: dim, outputs (without a head) or
                         // heads * value_dim

  bool is_dense() const {  // inputs are numbers, not tokens
    return embedding == Embedding::dense || embedding == Embedding::linear;
  }
  // Numbers a token behind layer l. Earlier layers end in `dim`.
  Index width(Index l) const { return l + 1 == layers ? last_width : dim; }
};

// Reads `model` and `loss` of resolved trial settings; fails with sentences for what does not fit
// the task or together.
Result<ModelShape> model_shape(const Settings& trial, const TaskShape& task);

// One matrix inside the parameter vector: [heads][rows][columns], heads stacked in front.
struct ParameterBlock {
  std::string name;       // "W_Q", "layer1.W_Q"
  std::string base_name;  // "W_Q"
  bool has_head_axis = false;
  Index heads = 1, rows = 0, columns = 0;
  Index offset = 0;  // into the vector of its kind: trained or fixed
  Index layer = -1;  // -1: outside the layers
  std::string
      goes_with;  // a number that is integrated beside this matrix: it starts at zero, moves at
                  // the matrix's rate, and only if the matrix is trained; "": a matrix itself
  bool trained = true;  // updated; trained blocks come first in the vector, fixed ones behind them
  Index size() const { return heads * rows * columns; }
};

// All matrices of the model, in the order of contract section 4 (conventions). Trained blocks fill
// [0, n_trained), the fixed ones [n_trained, n); offsets are into the one vector. Fails if
// `model.train` or `model.init` names a matrix that is not there.
struct ParameterLayout {
  std::vector<ParameterBlock> blocks;
  Index n_trained = 0;
  Index n = 0;
  const ParameterBlock* find(const std::string& name) const;
};
Result<ParameterLayout> parameter_layout(const ModelShape& shape, const Settings& trial);

}  // namespace attnlab

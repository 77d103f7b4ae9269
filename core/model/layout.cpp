// layout.cpp: which matrices a model has, in which order, and which of them are trained.
#include <algorithm>
#include <set>

#include "base/nearest.hpp"
#include "base/number_text.hpp"
#include "model/init.hpp"
#include "model/shape.hpp"

namespace attnlab {
namespace {

using Blocks = std::vector<ParameterBlock>;

void add(Blocks& blocks, const ModelShape& m, Index layer, const char* name, Index rows,
         Index columns, bool per_head = false) {
  ParameterBlock b;
  b.base_name = name;
  b.name = layer >= 0 && m.layers > 1 ? "layer" + std::to_string(layer) + "." + name : name;
  b.has_head_axis = per_head;
  b.heads = per_head ? m.heads : 1;
  b.rows = rows;
  b.columns = columns;
  b.layer = layer;
  blocks.push_back(std::move(b));
}

void add_layer(Blocks& blocks, const ModelShape& m, Index l) {
  const Index width = m.width(l);
  add(blocks, m, l, "W_Q", m.dim, m.key_dim, true);
  add(blocks, m, l, "W_K", m.dim, m.key_dim, true);
  add(blocks, m, l, "W_V", m.dim, m.value_dim, true);
  if (m.output_projection) add(blocks, m, l, "W_O", m.value_dim, width, true);
  if (m.bias) {
    add(blocks, m, l, "b_Q", 1, m.key_dim, true);
    add(blocks, m, l, "b_K", 1, m.key_dim, true);
    add(blocks, m, l, "b_V", 1, m.value_dim, true);
    if (m.output_projection) add(blocks, m, l, "b_O", 1, width);
  }
  if (m.feed_forward > 0) {
    add(blocks, m, l, "W_F1", width, m.feed_forward);
    if (m.bias) add(blocks, m, l, "b_F1", 1, m.feed_forward);
    add(blocks, m, l, "W_F2", m.feed_forward, width);
    if (m.bias) add(blocks, m, l, "b_F2", 1, width);
  }
  if (m.norm != Norm::pre_layer && m.norm != Norm::post_layer) return;
  const Index first = m.norm == Norm::pre_layer ? m.dim : width;
  add(blocks, m, l, "norm_1_gain", 1, first);
  add(blocks, m, l, "norm_1_bias", 1, first);
  if (m.feed_forward > 0) {
    add(blocks, m, l, "norm_2_gain", 1, width);
    add(blocks, m, l, "norm_2_bias", 1, width);
  }
}

// Y and Z are square over the vocabulary. The slaved decoder has a clock instead of Y, and the
// integrals of its theory beside Z.
Blocks yz_blocks(const ModelShape& m) {
  const bool slaved = m.parameterization == Parameterization::slaved_decoder;
  Blocks blocks;
  if (!slaved) add(blocks, m, -1, "Y", m.vocabulary, m.vocabulary);
  add(blocks, m, -1, "Z", m.vocabulary, m.vocabulary);
  if (!slaved) return blocks;
  add(blocks, m, -1, "clock", 1, 1);
  blocks.back().goes_with = "Y";
  add(blocks, m, -1, "B", 1, m.classes);
  blocks.back().goes_with = "Z";
  add(blocks, m, -1, "Gamma", 1, 1);
  blocks.back().goes_with = "Z";
  return blocks;
}

Blocks all_blocks(const ModelShape& m) {
  if (m.parameterization != Parameterization::qkv) return yz_blocks(m);
  Blocks blocks;
  if (m.embedding == Embedding::linear) {
    add(blocks, m, -1, "W_E", m.input_dim, m.dim);
    if (m.bias) add(blocks, m, -1, "b_E", 1, m.dim);
  } else if (m.embedding != Embedding::dense && m.embedding != Embedding::one_hot) {
    add(blocks, m, -1, "W_E", m.vocabulary, m.dim);
  }
  if (m.positions == Positions::learned) add(blocks, m, -1, "W_P", m.max_tokens, m.dim);
  for (Index l = 0; l < m.layers; ++l) add_layer(blocks, m, l);
  if (m.norm == Norm::pre_layer) {
    add(blocks, m, -1, "final_norm_gain", 1, m.last_width);
    add(blocks, m, -1, "final_norm_bias", 1, m.last_width);
  }
  if (m.head == HeadKind::hidden) {
    add(blocks, m, -1, "W_H1", m.last_width, m.head_hidden);
    if (m.bias) add(blocks, m, -1, "b_H1", 1, m.head_hidden);
    add(blocks, m, -1, "W_H2", m.head_hidden, m.outputs);
    if (m.bias && !m.head_fixed_signs) add(blocks, m, -1, "b_H2", 1, m.outputs);
  }
  if (m.head == HeadKind::classes) {
    add(blocks, m, -1, "W_C", m.last_width, m.outputs);
    if (m.bias) add(blocks, m, -1, "b_C", 1, m.outputs);
  }
  return blocks;
}

// Why a matrix can never be trained; empty if it can.
std::string fixed_because(const ModelShape& m, const ParameterBlock& b) {
  if (b.base_name == "W_E" && m.embedding != Embedding::learned && m.embedding != Embedding::linear)
    return "this embedding stays fixed; `learned` is trained";
  if (b.base_name == "W_H2" && m.head_fixed_signs)
    return "fixed_signs stay fixed; `second_layer: trained` is trained";
  return "";
}

Errors unknown_name(const Blocks& blocks, const std::string& where, const std::string& name) {
  std::set<std::string> names;
  for (const auto& b : blocks) names.insert({b.name, b.base_name});
  std::string list;
  for (const auto& b : blocks)
    if (b.layer <= 0) list += (list.empty() ? "" : " ") + b.base_name;
  std::string hint = "it has " + list;
  const std::string near = nearest(name, std::vector<std::string>(names.begin(), names.end()));
  if (!near.empty()) hint = "did you mean '" + near + "'? " + hint;
  return {{where, "this model has no matrix '" + name + "'", hint}};
}

bool is_called(const ParameterBlock& b, const std::string& name) {
  return b.name == name || b.base_name == name;
}

Errors choose_trained(const ModelShape& m, const Settings& trial, Blocks& blocks) {
  Errors errors;
  for (auto& b : blocks) b.trained = fixed_because(m, b).empty();
  const Settings* train = find(trial, "model.train");
  if (train == nullptr || train->is_null() || *train == "all") return errors;
  if (!train->is_array())
    return {{"model.train", canonical(*train) + " is not a choice", "take all or a list of names"}};
  for (auto& b : blocks) b.trained = false;
  for (const auto& entry : *train) {
    const std::string name = entry.is_string() ? entry.get<std::string>() : canonical(entry);
    bool found = false;
    for (auto& b : blocks) {
      if (!is_called(b, name) && b.goes_with != name) continue;
      found = true;
      const std::string why = fixed_because(m, b);
      if (!why.empty()) errors.push_back({"model.train", "'" + name + "' is not trained", why});
      b.trained = why.empty();
    }
    if (found) continue;
    for (auto& e : unknown_name(blocks, "model.train", name)) errors.push_back(std::move(e));
  }
  return errors;
}

Errors check_init(const ModelShape& m, const Settings& trial, const Blocks& blocks) {
  Errors errors;
  const Settings* init = find(trial, "model.init");
  if (init == nullptr || init->is_null()) return errors;
  if (!init->is_object())
    return {{"model.init", canonical(*init) + " is not a mapping",
             "write init: {default: torch_linear, W_Q: {normal: 0.1}}"}};
  for (const auto& [name, scheme] : init->items()) {
    if (name == "default") {
      for (auto& e : check_scheme(m, scheme, nullptr)) errors.push_back(std::move(e));
      continue;
    }
    // A name without a layer stands for the matrix of every layer that has no entry of its own.
    Errors more = unknown_name(blocks, "model.init", name);
    for (const auto& b : blocks) {
      if (!is_called(b, name) || !b.goes_with.empty()) continue;
      more = b.name != name && init->contains(b.name) ? Errors{} : check_scheme(m, scheme, &b);
      if (!more.empty()) break;
    }
    for (auto& e : more) errors.push_back(std::move(e));
  }
  return errors;
}

// More numbers than an Index can count safely; what fewer need is said by those who know the
// memory.
Errors uncountable(const Blocks& blocks) {
  double n = 0;
  for (const auto& b : blocks)
    n +=
        static_cast<double>(b.heads) * static_cast<double>(b.rows) * static_cast<double>(b.columns);
  if (n <= 0x1p59) return {};
  return {{"model",
           "the matrices need at least " + bytes_text(4 * n) +
               " of memory and no machine has more than " + bytes_text(0x1p46),
           "use smaller sizes"}};
}

}  // namespace

const ParameterBlock* ParameterLayout::find(const std::string& name) const {
  for (const auto& b : blocks)
    if (b.name == name) return &b;
  return nullptr;
}

Result<ParameterLayout> parameter_layout(const ModelShape& shape, const Settings& trial) {
  ParameterLayout layout;
  layout.blocks = all_blocks(shape);
  Errors errors = uncountable(layout.blocks);
  for (auto& e : choose_trained(shape, trial, layout.blocks)) errors.push_back(std::move(e));
  for (auto& e : check_init(shape, trial, layout.blocks)) errors.push_back(std::move(e));
  if (!errors.empty()) return errors;
  for (const bool trained : {true, false}) {
    for (auto& b : layout.blocks) {
      if (b.trained != trained) continue;
      b.offset = layout.n;
      layout.n += b.size();
    }
    if (trained) layout.n_trained = layout.n;
  }
  return layout;
}

}  // namespace attnlab

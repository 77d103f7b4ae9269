// yz_shape.cpp: what a model whose parameters are Y and Z asks of its settings and its task.
#include <algorithm>
#include <cmath>

#include "model/shape_reader.hpp"

namespace attnlab {
namespace {

// Switches that such a model does not have. What is left at its default was not asked for.
void refuse_switches(Reader& read, const ModelShape& m, const std::string& name) {
  const auto refuse = [&](bool wrong, const char* where, const std::string& what,
                          const char* hint) {
    if (wrong) read.fail(where, name + " " + what, hint);
  };
  const bool slaved = m.parameterization == Parameterization::slaved_decoder;
  refuse(read.size("model.layers", 1) > 1, "model.layers", "has one layer", "set layers: 1");
  refuse(read.size("model.heads", 1) > 1, "model.heads", "has one head", "set heads: 1");
  // A width that is equal to the one it follows from was not asked for either.
  const Settings* followed = nullptr;
  for (const char* width : {"model.dim", "model.key_dim", "model.value_dim"}) {
    const Settings* given = read.at(width);
    refuse(given != nullptr && (followed == nullptr || *given != *followed), width,
           "has no width of its own: Y and Z are square over the vocabulary", "leave it out");
    followed = given;
  }
  const Settings* embedding = read.at("model.embedding");
  refuse(embedding != nullptr && *embedding != "learned" && *embedding != "one_hot",
         "model.embedding", "has no embedding: tokens enter as themselves", "leave it out");
  refuse(m.positions != Positions::none, "model.positions", "does not see the order of tokens",
         "set positions: none");
  refuse(m.norm == Norm::pre_layer || m.norm == Norm::post_layer, "model.norm",
         "divides by the length or not at all", "take none or l2");
  refuse(m.dropout > 0, "model.dropout", "has no dropout", "set dropout: 0");
  refuse(m.attention_dropout > 0, "model.attention.dropout", "has no dropout of its weights",
         "leave attention.dropout out");
  refuse(m.feed_forward > 0, "model.feed_forward", "has no feed-forward part",
         "set feed_forward: none");
  refuse(m.head != HeadKind::none, "model.head", "answers with logits = f Y, without a head",
         "set head: none");
  refuse(m.readout != Readout::sum && m.readout != Readout::last, "model.readout",
         "reads the last token, the query", "leave it out");
  refuse(slaved && m.norm != Norm::l2, "model.norm", "is the theory of the l2 norm",
         "set norm: l2");
  refuse(slaved && m.residual, "model.residual", "is the theory without a residual",
         "set residual: false");
}

void match_task(Reader& read, const Settings& trial, const TaskShape& task, const ModelShape& m,
                const std::string& name) {
  if (task.input != InputKind::tokens || task.target != TargetKind::klass ||
      task.target_per_token || task.outputs != task.vocabulary) {
    read.fail("model.parameterization",
              name + " needs a task with one next token a sample, as token_classes is",
              "take the task token_classes, or parameterization: qkv");
    return;
  }
  if (m.loss == Loss::logistic)
    read.fail("loss",
              "logistic needs two classes, " + name + " chooses among " + text(task.vocabulary) +
                  " tokens",
              "take cross_entropy");
  if (m.parameterization != Parameterization::slaved_decoder) return;
  if (!task.weighted)
    read.fail("model.parameterization",
              "slaved_decoder is the theory of endless sequences, but the task draws samples",
              "set population: true in the task");
  if (m.loss == Loss::squared)
    read.fail("loss", "slaved_decoder is the theory of the cross-entropy", "take cross_entropy");
  const Settings* batch = find(trial, "training.batch");
  if (batch != nullptr && batch->is_number())
    read.fail("training.batch", "slaved_decoder looks at all classes in every step",
              "set batch: full");
}

}  // namespace

void shape_of_yz(Reader& read, const Settings& trial, const TaskShape& task, ModelShape& m) {
  const std::string name = m.parameterization == Parameterization::yz ? "yz" : "slaved_decoder";
  refuse_switches(read, m, name);
  match_task(read, trial, task, m, name);
  m.embedding = Embedding::one_hot;
  m.readout = Readout::last;
  m.last_query_only = true;
  if (read.at("model.attention.mask") == nullptr) m.mask = Mask::causal_exclusive;
  m.bias = m.output_projection = false;
  m.vocabulary = m.outputs = m.last_width = task.vocabulary;
  m.max_tokens = task.max_tokens;
  m.dim = m.key_dim = 1;
  m.value_dim = std::min(task.max_tokens, task.vocabulary);  // distinct tokens of a sample
  m.classes = m.parameterization == Parameterization::slaved_decoder ? task.n_train : 0;
  m.temperature = read.number("model.attention.kernel.temperature", 1.0);
  if (!(m.temperature > 0.0) || !std::isfinite(m.temperature))
    read.fail("model.attention.kernel.temperature", "must be above 0", "null means 1 here");
}

}  // namespace attnlab

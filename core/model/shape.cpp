// shape.cpp: reads the switches of `model` and `loss`, and says in sentences what does not fit
// together.
#include "model/shape.hpp"

#include <cmath>

#include "base/number_text.hpp"
#include "model/shape_reader.hpp"

namespace attnlab {
namespace {

Activation activation(Reader& read, const std::string& path, Activation fallback) {
  if (read.at(path) == nullptr) return fallback;
  return read.choose<Activation>(
      path,
      {{"identity", Activation::identity}, {"relu", Activation::relu}, {"gelu", Activation::gelu}});
}

void read_readout(Reader& read, ModelShape& m) {
  const Settings* given = read.at("model.readout");
  if (given != nullptr && given->is_object() && given->contains("mean_padded")) {
    m.readout = Readout::mean_padded;
    m.padded_length = read.size("model.readout.mean_padded", 1);
    return;
  }
  m.readout = read.choose<Readout>("model.readout", {{"sum", Readout::sum},
                                                     {"mean", Readout::mean},
                                                     {"mean_padded", Readout::mean_padded},
                                                     {"last", Readout::last},
                                                     {"tokens", Readout::tokens}});
}

void read_switches(Reader& read, ModelShape& m) {
  m.positions = read.choose<Positions>("model.positions", {{"none", Positions::none},
                                                           {"learned", Positions::learned},
                                                           {"sinusoidal", Positions::sinusoidal}});
  m.last_query_only =
      read.choose<bool>("model.attention.queries", {{"all", false}, {"last", true}});
  m.mask =
      read.choose<Mask>("model.attention.mask", {{"none", Mask::none},
                                                 {"causal", Mask::causal},
                                                 {"causal_exclusive", Mask::causal_exclusive}});
  m.output_projection = read.flag("model.output_projection", true);
  m.bias = read.flag("model.bias", true);
  m.residual = read.flag("model.residual", false);
  m.norm = read.choose<Norm>("model.norm", {{"none", Norm::none},
                                            {"pre_layer", Norm::pre_layer},
                                            {"post_layer", Norm::post_layer},
                                            {"l2", Norm::l2}});
  m.dropout = read.number("model.dropout", 0.0);
  if (!(m.dropout >= 0.0 && m.dropout < 1.0))
    read.fail("model.dropout", "must be at least 0 and below 1", "it is the share that is dropped");
  m.attention_dropout = read.number("model.attention.dropout", 0.0);
  if (!(m.attention_dropout >= 0.0 && m.attention_dropout < 1.0))
    read.fail("model.attention.dropout", "must be at least 0 and below 1",
              "it is the share of the attention weights that is dropped");
  read_readout(read, m);
  m.loss = read.choose<Loss>("loss", {{"logistic", Loss::logistic},
                                      {"cross_entropy", Loss::cross_entropy},
                                      {"squared", Loss::squared}});
}

void read_feed_forward_and_head(Reader& read, ModelShape& m) {
  const Settings* feed = read.at("model.feed_forward");
  if (feed != nullptr && feed->is_object()) {
    m.feed_forward = read.size("model.feed_forward.hidden", 0);
    if (read.at("model.feed_forward.hidden") == nullptr)
      read.fail("model.feed_forward", "`hidden` is missing", "give its width");
    m.feed_forward_activation = activation(read, "model.feed_forward.activation", Activation::gelu);
  } else if (feed != nullptr && *feed != "none") {
    read.fail("model.feed_forward", canonical(*feed) + " is not a choice",
              "take none or {hidden: n, activation: gelu | relu | identity}");
  }
  const Settings* head = read.at("model.head");
  if (head == nullptr || *head == "none") return;
  if (head->is_object() && head->contains("hidden")) {
    m.head = HeadKind::hidden;
    m.head_hidden = read.size("model.head.hidden", 1);
    m.head_activation = activation(read, "model.head.activation", Activation::identity);
    m.head_fixed_signs =
        read.choose<bool>("model.head.second_layer", {{"trained", false}, {"fixed_signs", true}});
  } else if (head->is_object() && head->contains("classes")) {
    m.head = HeadKind::classes;
  } else {
    read.fail("model.head", canonical(*head) + " is not a choice",
              "take none, {hidden: n, ...} or {classes: from_task}");
  }
}

// Heads and layers are listed one by one, in `bytes` each before there is any number in them: more
// than `most` are a mistake.
Index listed(Reader& read, const std::string& path, const std::string& noun, Index most,
             double bytes) {
  const Index n = read.size(path, 1);
  if (n <= most) return n;
  read.fail(path,
            text(n) + " " + noun + " need at least " + bytes_text(bytes * static_cast<double>(n)) +
                " of memory to be listed; the most is " + text(most),
            "take fewer " + noun);
  return 1;
}

void read_sizes(Reader& read, const TaskShape& task, ModelShape& m) {
  m.vocabulary = task.vocabulary;
  m.max_tokens = task.max_tokens;
  m.heads = listed(read, "model.heads", "heads", 10'000'000, 8);
  m.layers = listed(read, "model.layers", "layers", 100'000, 2048);
  m.embedding = read.choose<Embedding>("model.embedding", {{"learned", Embedding::learned},
                                                           {"one_hot", Embedding::one_hot},
                                                           {"orthonormal", Embedding::orthonormal},
                                                           {"gaussian", Embedding::gaussian},
                                                           {"linear", Embedding::linear}});
  if (m.padded_length == 0) m.padded_length = task.max_tokens;
  if (m.readout == Readout::mean_padded && m.padded_length < task.max_tokens)
    read.fail("model.readout",
              "mean_padded divides by " + text(m.padded_length) + ", but the task has samples of " +
                  text(task.max_tokens) + " tokens",
              "give the length that samples are padded to, or mean_padded alone");
  Index dim = 64;
  if (task.input == InputKind::dense) {
    m.input_dim = task.input_dim;
    if (m.embedding != Embedding::linear) {
      m.embedding = Embedding::dense;
      dim = task.input_dim;
    }
  } else if (m.embedding == Embedding::linear) {
    read.fail("model.embedding", "`linear` maps dense inputs, but this task has tokens",
              "take learned, one_hot, orthonormal or gaussian");
  } else if (m.embedding == Embedding::one_hot) {
    dim = task.vocabulary;
  }
  m.dim = read.size("model.dim", dim);
  if (m.embedding == Embedding::dense && m.dim != task.input_dim)
    read.fail(
        "model.dim",
        "is " + text(m.dim) + ", but the inputs of the task are " + text(task.input_dim) + " wide",
        "leave `dim` out, make them equal, or set embedding: linear");
  if ((m.embedding == Embedding::one_hot || m.embedding == Embedding::orthonormal) &&
      m.dim < task.vocabulary)
    read.fail("model.dim",
              "is " + text(m.dim) + ", too small for " + text(task.vocabulary) +
                  " tokens that are at right angles",
              "give a dim of at least the vocabulary");
  if (read.at("model.key_dim") == nullptr && m.dim % m.heads != 0)
    read.fail("model.heads", text(m.heads) + " heads do not divide dim " + text(m.dim),
              "give key_dim or another number of heads");
  m.key_dim = read.size("model.key_dim", std::max<Index>(1, m.dim / m.heads));
  m.value_dim = read.size("model.value_dim", m.key_dim);
  m.temperature =
      read.number("model.attention.kernel.temperature", std::sqrt(static_cast<double>(m.key_dim)));
  if (!(m.temperature > 0.0) || !std::isfinite(m.temperature))
    read.fail("model.attention.kernel.temperature", "must be above 0", "null means sqrt(key_dim)");
}

// How many numbers the model answers, from loss and targets.
void match_loss(Reader& read, const TaskShape& task, ModelShape& m) {
  const bool two =
      task.target == TargetKind::sign || (task.target == TargetKind::klass && task.outputs == 2);
  switch (m.loss) {
    case Loss::logistic:
      m.outputs = 1;
      if (!two)
        read.fail(
            "loss",
            "logistic needs two classes, the task has " + (task.target == TargetKind::real
                                                               ? std::string("numbers as targets")
                                                               : text(task.outputs) + " classes"),
            task.target == TargetKind::real ? "take squared" : "take cross_entropy or squared");
      break;
    case Loss::cross_entropy:
      m.outputs = task.target == TargetKind::sign    ? 2
                  : task.target == TargetKind::token ? task.vocabulary
                                                     : task.outputs;
      if (task.target == TargetKind::real)
        read.fail("loss", "cross_entropy needs classes, the task has numbers as targets",
                  "take squared");
      break;
    case Loss::squared:
      m.outputs = two ? 1 : task.target == TargetKind::token ? task.vocabulary : task.outputs;
      break;
  }
  const Settings* classes = read.at("model.head.classes");
  if (classes != nullptr && *classes != "from_task" && *classes != Settings(m.outputs))
    read.fail("model.head.classes",
              canonical(*classes) + " does not fit the task and the loss, " + "which ask for " +
                  text(m.outputs) + " outputs",
              "take from_task");
}

// What must be equal for the parts to be joined.
void match_parts(Reader& read, const TaskShape& task, ModelShape& m) {
  const Index joined = m.heads * m.value_dim;
  const bool straight_out = m.head == HeadKind::none;  // W_O answers what the loss asks for
  m.last_width = !m.output_projection ? joined : straight_out ? m.outputs : m.dim;
  const std::string how = m.output_projection ? "W_O answers " : "the concatenated heads answer ";
  if (m.layers > 1 && !m.output_projection && joined != m.dim)
    read.fail("model.output_projection",
              "a second layer needs " + text(m.dim) + " numbers a token, but " + how + text(joined),
              "make heads * value_dim equal to dim, or set output_projection: true");
  if (m.residual && m.last_width != m.dim)
    read.fail(
        "model.residual",
        how + text(m.last_width) + " numbers, which cannot be added to an input of " + text(m.dim),
        straight_out && m.output_projection ? "set head: {classes: from_task}, or residual: false"
                                            : "make the widths equal or set residual: false");
  if (m.norm != Norm::none && m.last_width == 1)
    read.fail("model.norm",
              how + "one number, and a norm of one number forgets its size: nothing is learned",
              straight_out ? "set head: {classes: from_task}, or norm: none" : "set norm: none");
  if (m.head == HeadKind::none && m.last_width != m.outputs)
    read.fail("model.head",
              "without a head the layers must answer " + counted(m.outputs, "number") +
                  ", but their width is " + text(m.last_width),
              "set head: {classes: from_task}, or output_projection: true");
  if (m.last_query_only && m.layers > 1)
    read.fail("model.attention.queries",
              "`last` leaves one token, and " + text(m.layers) + " layers need them all",
              "set layers: 1 or queries: all");
  if (m.readout == Readout::tokens && m.last_query_only)
    read.fail("model.readout", "`tokens` wants an answer a token, but only the last token asks",
              "set attention.queries: all");
  if (m.readout == Readout::tokens && !task.target_per_token)
    read.fail("model.readout",
              "`tokens` answers once a token, but the task has one target a sample",
              "take sum, mean or last");
  if (m.readout != Readout::tokens && task.target_per_token)
    read.fail("model.readout", "the task has one target a token", "set readout: tokens");
}

}  // namespace

Result<ModelShape> model_shape(const Settings& trial, const TaskShape& task) {
  Reader read(trial);
  ModelShape m;
  m.parameterization = read.choose<Parameterization>(
      "model.parameterization", {{"qkv", Parameterization::qkv},
                                 {"yz", Parameterization::yz},
                                 {"slaved_decoder", Parameterization::slaved_decoder}});
  read_switches(read, m);
  read_feed_forward_and_head(read, m);
  if (m.parameterization != Parameterization::qkv) {
    shape_of_yz(read, trial, task, m);
    if (!read.errors.empty()) return read.errors;
    return m;
  }
  if (task.weighted)
    read.fail("model.parameterization",
              "the tokens of this task have weights, and qkv has no use for them",
              "take yz, or let the task draw samples (population: false)");
  read_sizes(read, task, m);
  match_loss(read, task, m);
  match_parts(read, task, m);
  if (!read.errors.empty()) return read.errors;
  return m;
}

}  // namespace attnlab

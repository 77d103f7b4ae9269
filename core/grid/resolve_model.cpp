// resolve_model.cpp: the part `model` of a trial's settings.
#include <cmath>

#include "base/nearest.hpp"
#include "grid/path.hpp"
#include "grid/resolve.hpp"

namespace attnlab {
namespace {

const std::vector<std::string> activations{"identity", "relu", "gelu"};
const std::vector<std::string> activations_gelu_first{"gelu", "relu", "identity"};

// dim null leaves the rest to the model, which knows the task.
void resolve_sizes(Fields& model) {
  model.integer("dim", nullptr, {1, largest_size});
  model.integer("heads", 1, {1, largest_size});
  model.integer("layers", 1, {1, largest_size});
  model.integer("key_dim", nullptr, {1, largest_size});
  model.integer("value_dim", nullptr, {1, largest_size});
  if (model["key_dim"].is_null() && !model["dim"].is_null()) {
    const auto dim = model["dim"].get<std::int64_t>(), heads = model["heads"].get<std::int64_t>();
    if (dim % heads == 0) {
      model.put("key_dim", dim / heads);
    } else {
      model.complaints().push_back(
          {model.path_of(model.has("heads") ? "heads" : "dim"),
           "heads (" + std::to_string(heads) + ") do not divide dim (" + std::to_string(dim) + ")",
           "choose heads that do, or give key_dim", false, "", true});
    }
  }
  if (model["value_dim"].is_null()) model.put("value_dim", model["key_dim"]);
}

Settings resolve_kernel(const Settings* given, const Settings& key_dim, const Catalogue& catalogue,
                        Complaints& complaints) {
  const std::string path = "model.attention.kernel";
  const Settings spelt = given && given->is_string() ? spelt_out(path, *given) : Settings();
  Fields kernel(spelt.is_object() ? &spelt : given, path, complaints);
  kernel.real("temperature", nullptr, {.minimum = 0, .open_below = true});
  if (kernel["temperature"].is_null() && !key_dim.is_null()) {
    kernel.put("temperature", std::sqrt(key_dim.get<double>()));
  }
  if (const auto* plugin = resolve_plugin(kernel, PluginKind::kernel, "softmax", catalogue)) {
    resolve_options(kernel, *plugin, catalogue);
  }
  return kernel.take_result();
}

// Above 0 only: trials without it keep the ids that they had before there was such a key.
void resolve_attention_dropout(Fields& attention, const Catalogue& catalogue) {
  const Settings* given = attention.take("dropout");
  if (given == nullptr) return;
  const std::string path = attention.path_of("dropout");
  const Settings share = as_real(*given, path, {0, 0.999}, attention.complaints());
  if (!share.is_number() || share.get<double>() <= 0) return;
  attention.put("dropout", share);
  const Settings& kernel = attention["kernel"];
  if (!kernel.contains("plugin") || !kernel.at("plugin").is_string()) return;  // told already
  const std::string name = kernel.at("plugin").get<std::string>();
  const auto* plugin = find(catalogue, PluginKind::kernel, name);
  if (plugin != nullptr && !plugin->drops_weights)
    attention.complain(
        "dropout", "the kernel '" + name + "' has no dropout of its weights",
        "leave attention.dropout out, or take a kernel that has (attnlab plugins NAME says so)");
}

Settings resolve_feed_forward(const Settings* given, Complaints& complaints) {
  if (!given || *given == "none") return "none";
  if (!given->is_object()) {
    complaints.push_back({"model.feed_forward",
                          "'feed_forward' must be none or a mapping, not " + noun(*given),
                          word_hint(*given, {"none"}, "write `{hidden: 256, activation: gelu}`")});
    return "none";
  }
  Fields layer(given, "model.feed_forward", complaints);
  if (!layer.has("hidden")) {
    complaints.push_back({"model.feed_forward", "'feed_forward' has no 'hidden'",
                          "give its width, as in `{hidden: 256}`"});
  }
  layer.integer("hidden", 1, {1, largest_size});
  layer.choice("activation", activations_gelu_first, "gelu");
  return layer.finish("feed_forward");
}

// A mapping has one of `keys`, or else a key that is nearly one of them and is complained of.
bool complain_of_first_key(const Settings& given, const std::string& path,
                           const std::vector<std::string>& keys, Complaints& complaints) {
  if (!given.is_object()) return false;
  for (const std::string& key : keys)
    if (given.contains(key)) return false;
  for (const auto& [key, value] : given.items()) {
    const std::string best = nearest(key, keys);
    if (best.empty()) continue;
    complaints.push_back({path + "." + key,
                          path.substr(path.find_last_of('.') + 1) + " has no key '" + key + "'",
                          "did you mean '" + best + "'?", true});
    return true;
  }
  return false;
}

void resolve_readout(Fields& model) {
  const Settings* given = model.take("readout");
  if (given == nullptr || !given->is_object()) {
    return model.choice("readout", {"sum", "mean", "mean_padded", "last", "tokens"}, "sum");
  }
  Fields readout(given, "model.readout", model.complaints());
  if (!readout.has("mean") &&
      complain_of_first_key(*given, "model.readout", {"mean_padded"}, model.complaints()))
    return model.put("readout", "sum");
  if (!readout.has("mean_padded")) {
    model.complain("readout", "'readout' must be a word or {mean_padded: n}, not another mapping",
                   "write `readout: mean`, or `readout: {mean_padded: 4096}`");
    return model.put("readout", "sum");
  }
  readout.integer("mean_padded", 1, {1, largest_size});
  model.put("readout", readout.finish("readout"));
}

Settings resolve_head(const Settings* given, Complaints& complaints) {
  if (!given || *given == "none") return "none";
  const bool classes = given->is_object() && given->contains("classes");
  if (complain_of_first_key(*given, "model.head", {"hidden", "classes"}, complaints)) return "none";
  if (!given->is_object() || (!classes && !given->contains("hidden"))) {
    complaints.push_back({"model.head",
                          "'head' must be none, {hidden: n, ...} or {classes: from_task}, not " +
                              (given->is_object() ? "a mapping without either" : noun(*given)),
                          word_hint(*given, {"none"},
                                    "write `head: {classes: from_task}` or `head: {hidden: "
                                    "256}`")});
    return "none";
  }
  Fields head(given, "model.head", complaints);
  if (classes) {
    head.choice("classes", {"from_task"}, "from_task");
    return head.finish("a class head");
  }
  head.integer("hidden", 1, {1, largest_size});
  head.choice("activation", activations, "identity");
  head.choice("second_layer", {"trained", "fixed_signs"}, "trained");
  return head.finish("a hidden head");
}

}  // namespace

Settings resolve_model(const Settings* given, const Catalogue& catalogue, Complaints& complaints) {
  Fields model(given, "model", complaints);
  model.choice("parameterization", {"qkv", "yz", "slaved_decoder"}, "qkv");
  // Where Y and Z are the parameters, what is not written is as in Scan and Snap.
  const bool qkv = model["parameterization"] == "qkv";
  model.choice("embedding", {"learned", "one_hot", "orthonormal", "gaussian", "linear"}, "learned");
  resolve_sizes(model);
  model.choice("positions", {"none", "learned", "sinusoidal"}, "none");

  Fields attention(model.take("attention"), "model.attention", complaints);
  attention.put("kernel",
                resolve_kernel(attention.take("kernel"), model["key_dim"], catalogue, complaints));
  attention.choice("queries", {"all", "last"}, qkv ? "all" : "last");
  attention.choice("mask", {"none", "causal", "causal_exclusive"},
                   qkv ? "none" : "causal_exclusive");
  resolve_attention_dropout(attention, catalogue);
  model.put("attention", attention.finish("attention"));

  model.boolean("output_projection", true);
  model.boolean("bias", true);
  model.boolean("residual", false);
  model.choice("norm", {"none", "pre_layer", "post_layer", "l2"},
               model["parameterization"] == "slaved_decoder" ? "l2" : "none");
  model.real("dropout", 0.0, {0, 0.999});
  model.put("feed_forward", resolve_feed_forward(model.take("feed_forward"), complaints));
  resolve_readout(model);
  model.put("head", resolve_head(model.take("head"), complaints));
  model.put("init", resolve_init(model.take("init"), "model.init", complaints));
  model.put("train", resolve_matrices(model.take("train"), "model.train", complaints));
  return model.finish("model");
}

}  // namespace attnlab

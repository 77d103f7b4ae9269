// small_catalogue.hpp: a handful of plugins as plain data, and grids read with them.
#pragma once

#include <string>
#include <vector>

#include "base/catalogue.hpp"
#include "grid/grid.hpp"

namespace attnlab::test {

inline Option option(std::string name, OptionType type, std::optional<Settings> fallback,
                     double minimum = -std::numeric_limits<double>::infinity(),
                     double maximum = std::numeric_limits<double>::infinity()) {
  Option out;
  out.name = std::move(name);
  out.type = type;
  out.fallback = std::move(fallback);
  out.minimum = minimum;
  out.maximum = maximum;
  return out;
}

inline PluginDescription plugin(PluginKind kind, std::string name, std::vector<Option> options) {
  PluginDescription out;
  out.kind = kind;
  out.name = std::move(name);
  out.options = std::move(options);
  return out;
}

inline Catalogue small_catalogue() {
  Option norm = option("norm", OptionType::choice, "l2");
  norm.choices = {"l2", "l1"};
  Catalogue all;
  all.push_back(plugin(
      PluginKind::task, "cooccurrence",
      {option("sequence_length", OptionType::integer, 5, 3),
       option("dim", OptionType::integer, 64, 4), option("samples", OptionType::integer, 60, 6),
       option("distinct_random_tokens", OptionType::boolean, false)}));
  all.push_back(plugin(PluginKind::task, "token_regression",
                       {option("samples", OptionType::integer, 1, 1),
                        option("inputs", OptionType::value, Settings{{"normal", 1}}),
                        option("targets", OptionType::value, nullptr)}));
  all.push_back(plugin(
      PluginKind::task, "text_corpus",
      {option("path", OptionType::path, std::nullopt), option("unit", OptionType::text, "byte"),
       option("share", OptionType::real, 1, 0, 1)}));
  all.push_back(plugin(PluginKind::kernel, "softmax", {}));
  all.back().drops_weights = true;
  all.push_back(plugin(PluginKind::kernel, "gaussian", {}));
  all.push_back(
      plugin(PluginKind::kernel, "linear", {option("epsilon", OptionType::real, 1e-6, 0)}));
  all.push_back(plugin(PluginKind::kernel, "cosine", {option("kappa", OptionType::real, 10, 0)}));
  all.push_back(plugin(PluginKind::kernel, "laplacian", {norm}));
  all.push_back(plugin(PluginKind::optimizer, "gradient_descent",
                       {option("momentum", OptionType::real, 0, 0, 1),
                        option("nesterov", OptionType::boolean, false)}));
  all.push_back(plugin(PluginKind::optimizer, "adam",
                       {option("beta1", OptionType::real, 0.9, 0, 1),
                        option("decoupled", OptionType::boolean, false)}));
  all.back().default_learning_rate = 0.001;
  return all;
}

inline const std::vector<std::string>& some_claims() {
  static const std::vector<std::string> claims{"two_phases", "balanced_gradients"};
  return claims;
}

inline Result<Grid> read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return grid_from(text, "g.yaml", "/", overrides, small_catalogue(), some_claims());
}

// Every mistake as one line each; "" if there is none.
inline std::string mistakes_of(const std::string& text,
                               const std::vector<std::string>& overrides = {}) {
  const Result<Grid> grid = read(text, overrides);
  if (grid) return "";
  std::string lines;
  for (const Error& error : grid.errors()) lines += sentence(error) + "\n";
  return lines.empty() ? "(no sentence)" : lines;
}

}  // namespace attnlab::test

// catalogue.hpp: what plugins say of themselves, as plain data that every room can read.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.hpp"

namespace attnlab {

enum class PluginKind { task, kernel, optimizer };
std::string to_string(PluginKind kind);  // "task", "kernel", "optimizer"

// `value` is any YAML value (the plugin checks it); `path` is text that names a file, relative to the grid file's folder.
enum class OptionType { integer, real, boolean, text, choice, path, value };
std::string to_string(OptionType type);

struct Option {
  std::string name;
  OptionType type = OptionType::real;
  std::optional<Settings> fallback;  // the default; none: the option must be given
  double minimum = -std::numeric_limits<double>::infinity();  // inclusive
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;
  std::string unit;      // "1" for counts and text
  std::string sentence;  // what it does
};

struct PluginDescription {
  PluginKind kind = PluginKind::task;
  std::string name;
  std::string version;
  std::string summary;
  std::string formula;
  std::string paper;
  std::vector<Option> options;
  double default_learning_rate = 0.01;  // optimizers
  bool row_stochastic = false;          // kernels: the weights of a query sum to one
  bool drops_weights = false;           // kernels: attention.dropout works with it
  std::string file;
  std::string sha256;
  std::string build;  // compiler and flags, for information
};

using Catalogue = std::vector<PluginDescription>;

const PluginDescription* find(const Catalogue& catalogue, PluginKind kind, const std::string& name);
std::vector<std::string> names(const Catalogue& catalogue, PluginKind kind);

}  // namespace attnlab

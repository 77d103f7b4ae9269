// describe.cpp: descriptions of plugins as text in columns.
#include "host/describe.hpp"

#include <algorithm>
#include <cmath>

#include "base/nearest.hpp"

namespace attnlab {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; the last one is not padded. Widths count characters, not
// bytes.
std::string in_columns(const std::vector<Row>& rows, const std::string& indent) {
  const auto width = [](const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }));
  };
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = indent;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += row[c];
      if (c + 1 < row.size()) line += std::string(widths[c] - width(row[c]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string range(const Option& option) {
  if (option.type == OptionType::choice) {
    std::string text;
    for (const std::string& choice : option.choices) text += (text.empty() ? "" : " | ") + choice;
    return text;
  }
  if (option.type != OptionType::integer && option.type != OptionType::real) return "";
  const auto bound = [&](double x) {
    const bool whole = std::abs(x) < 1e15 && x == std::floor(x);
    return whole ? std::to_string(static_cast<long long>(x)) : Settings(x).dump();
  };
  const bool low = std::isfinite(option.minimum), high = std::isfinite(option.maximum);
  if (low && high) return bound(option.minimum) + " .. " + bound(option.maximum);
  if (low) return ">= " + bound(option.minimum);
  if (high) return "<= " + bound(option.maximum);
  return "";
}

Row row(const Option& option) {
  const std::string fallback = option.fallback ? option.fallback->dump() : "must be given";
  const std::string unit = option.unit == "1" ? "" : option.unit;
  return {option.name, to_string(option.type), fallback, range(option), unit, option.sentence};
}

std::vector<Row> common_options(const PluginDescription& plugin) {
  switch (plugin.kind) {
    case PluginKind::task: return {};
    case PluginKind::kernel:
      return {{"temperature", "real", "sqrt(key_dim)", "> 0", "",
               "scores are divided by it; no effect if the formula has none"}};
    case PluginKind::optimizer:
      return {{"learning_rate", "real", Settings(plugin.default_learning_rate).dump(), ">= 0", "",
               "a number, or one per matrix: {Y: 1.0, default: 0.1}"},
              {"schedule", "value", "\"constant\"", "constant | cosine | one_cycle | warm-up", "",
               "how the rate changes: a word, or {shape: ..., warm_up: ..., start_factor: ..., "
               "final_factor: ..., cycle_momentum: ...}"},
              {"clip", "value", "\"none\"", "none | {value: x} | {norm: x}", "",
               "limit of every gradient number, or of the gradient's norm"}};
  }
  return {};
}

std::string page(const PluginDescription& plugin) {
  std::string out = to_string(plugin.kind) + " " + plugin.name + " " + plugin.version + "\n";
  const auto line = [&](const char* title, const std::string& text) {
    if (!text.empty()) out += "  " + std::string(title) + text + "\n";
  };
  line("", plugin.summary);
  line("formula  ", plugin.formula);
  line("paper    ", plugin.paper);
  if (plugin.kind == PluginKind::kernel) {
    line("weights  ", plugin.row_stochastic ? "row-stochastic: those of a query sum to one"
                                            : "free mass: those of a query need not sum to one");
    line("dropout  ", plugin.drops_weights ? "its weights can be dropped (attention.dropout)"
                                           : "has no dropout of its weights");
  }
  line("file     ", plugin.file);
  line("sha256   ", plugin.sha256);
  line("build    ", plugin.build);

  std::vector<Row> rows{{"option", "type", "default", "range", "unit", "what it does"}};
  for (const Option& option : plugin.options) rows.push_back(row(option));
  for (const Row& common : common_options(plugin)) rows.push_back(common);
  out += rows.size() == 1 ? "  no options\n" : in_columns(rows, "  ");
  return out;
}

}  // namespace

std::string plugin_table(const Catalogue& catalogue) {
  std::vector<Row> rows{{"kind", "name", "version", "summary", "file"}};
  for (const PluginDescription& plugin : catalogue) {
    rows.push_back(
        {to_string(plugin.kind), plugin.name, plugin.version, plugin.summary, plugin.file});
  }
  return in_columns(rows, "");
}

Result<std::string> plugin_page(const Catalogue& catalogue, const std::string& name) {
  std::string out;
  std::vector<std::string> known;
  for (const PluginDescription& plugin : catalogue) {
    known.push_back(plugin.name);
    if (plugin.name == name) out += (out.empty() ? "" : "\n") + page(plugin);
  }
  if (!out.empty()) return out;
  return Error{"", "no plugin is called '" + name + "'",
               known.empty() ? "no plugins were found; see --plugins and ATTNLAB_PLUGIN_PATH"
                             : suggestion(name, known)};
}

}  // namespace attnlab

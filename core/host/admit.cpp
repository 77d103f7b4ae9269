// admit.cpp: version first, then sizes, names, slots and options; nothing is read before what
// guards it was checked.
#include "host/admit.hpp"

#include <attnlab/kernel.h>
#include <attnlab/optimizer.h>
#include <attnlab/task.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "host/options.hpp"
#include "host/plugins.hpp"

namespace attnlab {
namespace {

constexpr std::int64_t most_options = 1000;
constexpr std::uint32_t largest_struct = 4096;
constexpr int deepest_default = 100;  // as in a grid file

// What version 1.0 of the border had of each struct; later fields may be missing.
#define ATTNLAB_SIZE_UP_TO(type, field) (offsetof(type, field) + sizeof(type::field))
constexpr std::size_t plugin_size = ATTNLAB_SIZE_UP_TO(attnlab_plugin, table);
constexpr std::size_t option_size = ATTNLAB_SIZE_UP_TO(attnlab_option, sentence);
constexpr std::size_t task_size = ATTNLAB_SIZE_UP_TO(attnlab_task, token_name);
constexpr std::size_t kernel_size = ATTNLAB_SIZE_UP_TO(attnlab_kernel, weights_f64);
constexpr std::size_t optimizer_size = ATTNLAB_SIZE_UP_TO(attnlab_optimizer, step_f64);
#undef ATTNLAB_SIZE_UP_TO

std::string text_of(std::uint32_t number) { return std::to_string(number); }

std::vector<std::string> split(std::string_view text, char divider) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(divider);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_option_name(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, allowed);
}

bool is_reserved(PluginKind kind, std::string_view name) {
  if (name == "plugin") return true;
  if (kind == PluginKind::kernel) return name == "temperature";
  if (kind == PluginKind::optimizer) {
    return name == "learning_rate" || name == "schedule" || name == "clip";
  }
  return false;
}

// The slots of a table that are missing, by name. Every table begins with its size.
template <class Table>
std::string missing_slots(
    const void* at, std::size_t needed,
    std::initializer_list<std::pair<const char*, bool (*)(const Table&)>> slots) {
  if (at == nullptr) return "has no table of functions";
  const auto& table = *static_cast<const Table*>(at);
  if (table.struct_size < needed || table.struct_size > largest_struct) {
    return "has a table of " + text_of(table.struct_size) + " bytes where " +
           std::to_string(needed) + " are needed";
  }
  std::string missing;
  for (const auto& [name, is_there] : slots) {
    if (!is_there(table)) missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  return missing.empty() ? "" : "misses the slots: " + missing;
}

#define ATTNLAB_SLOT(table, slot)                           \
  {                                                         \
#slot, [](const table& t) { return t.slot != nullptr; } \
  }

std::string missing_slots(PluginKind kind, const void* table) {
  switch (kind) {
    case PluginKind::task:
      return missing_slots<attnlab_task>(
          table, task_size,
          {ATTNLAB_SLOT(attnlab_task, create), ATTNLAB_SLOT(attnlab_task, destroy),
           ATTNLAB_SLOT(attnlab_task, shape), ATTNLAB_SLOT(attnlab_task, sample)});
    case PluginKind::kernel:
      return missing_slots<attnlab_kernel>(
          table, kernel_size,
          {ATTNLAB_SLOT(attnlab_kernel, create), ATTNLAB_SLOT(attnlab_kernel, destroy),
           ATTNLAB_SLOT(attnlab_kernel, sizes), ATTNLAB_SLOT(attnlab_kernel, forward_f32),
           ATTNLAB_SLOT(attnlab_kernel, forward_f64), ATTNLAB_SLOT(attnlab_kernel, backward_f32),
           ATTNLAB_SLOT(attnlab_kernel, backward_f64), ATTNLAB_SLOT(attnlab_kernel, weights_f32),
           ATTNLAB_SLOT(attnlab_kernel, weights_f64)});
    case PluginKind::optimizer:
      return missing_slots<attnlab_optimizer>(
          table, optimizer_size,
          {ATTNLAB_SLOT(attnlab_optimizer, create), ATTNLAB_SLOT(attnlab_optimizer, destroy),
           ATTNLAB_SLOT(attnlab_optimizer, n_state_bytes),
           ATTNLAB_SLOT(attnlab_optimizer, step_f32), ATTNLAB_SLOT(attnlab_optimizer, step_f64)});
  }
  return "";
}
#undef ATTNLAB_SLOT

// What is wrong with the header of the description; "" if the rest may be read.
std::string wrong_header(const attnlab_plugin* plugin) {
  if (plugin == nullptr) return "answers no description";
  if (plugin->magic != ATTNLAB_ABI_MAGIC) return "does not begin with the mark of a plugin";
  const std::string ours = text_of(ATTNLAB_ABI_MAJOR) + "." + text_of(ATTNLAB_ABI_MINOR);
  if (plugin->abi_major != ATTNLAB_ABI_MAJOR || plugin->abi_minor > ATTNLAB_ABI_MINOR) {
    return "was built for version " + text_of(plugin->abi_major) + "." +
           text_of(plugin->abi_minor) + " of the plugin border, this program has " + ours;
  }
  if (plugin->struct_size < plugin_size || plugin->struct_size > largest_struct) {
    return "has a description of " + text_of(plugin->struct_size) + " bytes where " +
           std::to_string(plugin_size) + " are needed";
  }
  if (plugin->kind < ATTNLAB_TASK || plugin->kind > ATTNLAB_OPTIMIZER) {
    return "is of kind " + std::to_string(plugin->kind) +
           "; there are 1 (task), 2 (kernel) and 3 (optimizer)";
  }
  return "";
}

// How deep the brackets of a JSON text are nested. Copying and writing a tree of JSON is recursive.
int depth_of(std::string_view json) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (quoted && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (json[i] == '[' || json[i] == '{')) {
      deepest = std::max(deepest, ++depth);
    } else if (!quoted && (json[i] == ']' || json[i] == '}')) {
      --depth;
    }
  }
  return deepest;
}

// One option, or what is wrong with its description.
std::string read_option(const attnlab_option& from, PluginKind kind, Option& out) {
  out.name = clean_text(from.name);
  if (!is_option_name(out.name)) return "needs a name of a-z, 0-9 and _ that begins with a letter";
  if (is_reserved(kind, out.name)) return "has a name that the program keeps for itself";
  if (from.type < ATTNLAB_INTEGER || from.type > ATTNLAB_VALUE) {
    return "is of the unknown type " + std::to_string(from.type);
  }
  out.type = static_cast<OptionType>(from.type - 1);
  out.minimum = from.minimum;
  out.maximum = from.maximum;
  out.unit = clean_text(from.unit);
  out.sentence = clean_text(from.sentence);
  const bool is_number = out.type == OptionType::integer || out.type == OptionType::real;
  if (is_number && !(out.minimum <= out.maximum)) return "has an empty range";
  if (out.type == OptionType::choice) {
    if (from.choices == nullptr || *from.choices == '\0') return "is a choice without choices";
    out.choices = split(clean_text(from.choices), '|');
  }
  if (from.fallback == nullptr) return "";
  if (depth_of(from.fallback) > deepest_default) return "has a default that is nested too deep";
  Settings fallback = Settings::parse(from.fallback, nullptr, /*allow_exceptions=*/false);
  if (fallback.is_discarded()) return "has a default that is no JSON: " + clean_text(from.fallback);
  const std::string wrong = mistake(out, fallback);
  if (!wrong.empty()) return "has a default that breaks its own rule: it " + wrong;
  if (out.type == OptionType::real && fallback.is_number()) fallback = fallback.get<double>();
  out.fallback = std::move(fallback);
  return "";
}

std::string read_options(const attnlab_plugin& plugin, PluginDescription& out) {
  if (plugin.n_options == 0) return "";
  if (plugin.n_options < 0 || plugin.n_options > most_options || plugin.options == nullptr) {
    return "says that it has " + std::to_string(plugin.n_options) + " options but shows none";
  }
  const std::uint32_t stride = plugin.options[0].struct_size;
  if (stride < option_size || stride > largest_struct || stride % alignof(attnlab_option) != 0) {
    return "has options of " + text_of(stride) + " bytes where " + std::to_string(option_size) +
           " are needed";
  }
  const auto* at = reinterpret_cast<const std::byte*>(plugin.options);
  for (std::int64_t i = 0; i < plugin.n_options; ++i, at += stride) {
    Option option;
    const std::string wrong =
        read_option(*reinterpret_cast<const attnlab_option*>(at), out.kind, option);
    const std::string title =
        "option " + std::to_string(i + 1) + (option.name.empty() ? "" : " '" + option.name + "'");
    if (!wrong.empty()) return title + " " + wrong;
    const auto same = [&](const Option& other) { return other.name == option.name; };
    if (std::ranges::any_of(out.options, same)) return title + " is described twice";
    out.options.push_back(std::move(option));
  }
  return "";
}

}  // namespace

std::string clean_text(const char* text) {
  std::string out;
  if (text == nullptr) return out;
  const auto follows = [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; };
  for (const char* at = text; *at != '\0';) {
    const auto lead = static_cast<unsigned char>(*at);
    int n = 0;  // bytes of this character; 0: not UTF-8
    if (lead < 0x80)
      n = 1;
    else if (lead >= 0xc2 && lead < 0xe0)
      n = 2;
    else if (lead >= 0xe0 && lead < 0xf0)
      n = 3;
    else if (lead >= 0xf0 && lead < 0xf5)
      n = 4;
    for (int i = 1; i < n; ++i) {
      if (!follows(at[i])) n = 0;  // a closing zero does not follow either
    }
    const auto second = static_cast<unsigned char>(n > 2 ? at[1] : 0);
    const bool too_long = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool no_character = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
    if (n == 0 || (n > 2 && (too_long || no_character))) {
      out += '?';
      ++at;
      continue;
    }
    out.append(at, static_cast<std::size_t>(n));
    at += n;
  }
  return out;
}

Result<PluginDescription> admit(const attnlab_plugin* plugin, const std::filesystem::path& file,
                                std::optional<PluginKind> expected) {
  const auto refuse = [&](std::string why, std::string mend) {
    return Error{file.string(), "refused: the plugin " + std::move(why), std::move(mend)};
  };
  const std::string rebuild = "build it again with this program's headers";
  if (std::string wrong = wrong_header(plugin); !wrong.empty()) return refuse(wrong, rebuild);

  PluginDescription out;
  out.kind = static_cast<PluginKind>(plugin->kind - 1);
  const std::string kind = to_string(out.kind);
  if (expected && *expected != out.kind) {
    return refuse("is of kind " + kind + " but lies in a folder '" + to_string(*expected) + "'",
                  "move it to a folder '" + kind + "'");
  }
  out.name = clean_text(plugin->name);
  if (out.name != file.stem().string()) {
    return refuse("calls itself '" + out.name + "'", "name the file '" + out.name + ".so'");
  }
  if (std::string wrong = missing_slots(out.kind, plugin->table); !wrong.empty()) {
    return refuse(wrong, "a " + kind + " plugin needs all slots of attnlab/" + kind + ".h");
  }
  if (std::string wrong = read_options(*plugin, out); !wrong.empty()) {
    return refuse((wrong.starts_with("option") ? "is described badly: " : "") + wrong, "");
  }
  out.version = clean_text(plugin->version);
  out.summary = clean_text(plugin->summary);
  out.formula = clean_text(plugin->formula);
  out.paper = clean_text(plugin->paper);
  out.build = clean_text(plugin->build);
  if (out.kind == PluginKind::optimizer) {
    const double rate = static_cast<const attnlab_optimizer*>(plugin->table)->default_learning_rate;
    if (!std::isfinite(rate) || rate < 0) return refuse("has a default learning rate below 0", "");
    out.default_learning_rate = rate;
  }
  if (out.kind == PluginKind::kernel) {
    const auto& table = *static_cast<const attnlab_kernel*>(plugin->table);
    out.row_stochastic = (table.flags & ATTNLAB_KERNEL_ROW_STOCHASTIC) != 0;
    out.drops_weights = kernel_drops_weights(table);
  }
  return out;
}

}  // namespace attnlab

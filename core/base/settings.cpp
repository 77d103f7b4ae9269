// settings.cpp: the one spelling of a settings tree, its hash, and its YAML.
#include "base/settings.hpp"

#include <cstdio>

#include "base/hash.hpp"

namespace attnlab {

std::string to_string(TrialId id) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(id.hash));
  return text;
}

std::string canonical(const Settings& settings) { return settings.dump(); }

TrialId id_of(const Settings& settings) {
  const Sha256 digest = sha256(canonical(settings));
  TrialId id;
  for (int i = 0; i < 8; ++i) id.hash = (id.hash << 8) | digest[static_cast<std::size_t>(i)];
  return id;
}

const Settings* find(const Settings& settings, const std::string& path) {
  const Settings* node = &settings;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    if (!node->is_object()) return nullptr;
    const auto next = node->find(path.substr(from, dot - from));
    if (next == node->end()) return nullptr;
    node = &*next;
    from = dot + 1;
  }
  return node;
}

namespace {

// JSON's spelling is YAML too and keeps text apart from numbers, but for one thing: readers of
// YAML 1.1 take a number with an exponent for text unless it has a point ("1e-05").
std::string spelled(const Settings& value) {
  if (value.is_array() || value.is_object()) {
    std::string out;
    for (const auto& [key, item] : value.items()) {
      out += (out.empty() ? "" : ", ");
      if (value.is_object()) out += Settings(key).dump() + ": ";
      out += spelled(item);
    }
    return value.is_array() ? "[" + out + "]" : "{" + out + "}";
  }
  std::string out = value.dump();
  const std::size_t exponent = value.is_number_float() ? out.find('e') : std::string::npos;
  if (exponent != std::string::npos && out.find('.') == std::string::npos)
    out.insert(exponent, ".0");
  return out;
}

void write(const Settings& node, int indent, std::string& out) {
  for (const auto& [key, value] : node.items()) {
    out += std::string(static_cast<std::size_t>(indent), ' ') + key + ":";
    if (value.is_object() && !value.empty()) {
      out += "\n";
      write(value, indent + 2, out);
    } else {
      out += " " + spelled(value) + "\n";
    }
  }
}

}  // namespace

std::string to_yaml(const Settings& settings) {
  if (!settings.is_object()) return spelled(settings) + "\n";
  std::string out;
  write(settings, 0, out);
  return out;
}

}  // namespace attnlab

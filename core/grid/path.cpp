// path.cpp: splitting and following dotted paths.
#include "grid/path.hpp"

#include <algorithm>

namespace attnlab {
namespace {

bool is_layer(const std::string& key) {
  return key.size() > 5 && key.starts_with("layer") &&
         key.find_first_not_of("0123456789", 5) == std::string::npos;
}

}  // namespace

std::vector<std::string> keys_of(const std::string& path) {
  std::vector<std::string> keys;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    std::string key = path.substr(from, dot - from);
    if (!keys.empty() && is_layer(keys.back())) {
      keys.back() += "." + key;
    } else {
      keys.push_back(std::move(key));
    }
    from = dot + 1;
  }
  return keys;
}

bool is_within(const std::string& path, const std::string& above) {
  if (above.empty()) return true;
  if (!path.starts_with(above)) return false;
  return path.size() == above.size() || path[above.size()] == '.' || path[above.size()] == '[';
}

Settings spelt_out(const std::string& path, const Settings& value) {
  if (value.is_null() || value == "none" || value == "all") return Settings::object();
  if (path == "optimizer.learning_rate" && value.is_number()) return {{"default", value}};
  if (!value.is_string()) return nullptr;
  if (path == "optimizer.schedule") return {{"shape", value}};
  if (path == "model.init") return {{"default", value}};
  if (path == "task" || path == "optimizer" || path == "model.attention.kernel") {
    return {{"plugin", value}};
  }
  return nullptr;
}

std::optional<Settings> value_at(const Settings& root, const std::string& path) {
  Settings node = root;
  std::string here;
  for (const std::string& key : keys_of(path)) {
    if (!node.is_object()) node = spelt_out(here, node);
    if (!node.is_object() || !node.contains(key)) return std::nullopt;
    node = Settings(node[key]);
    here += (here.empty() ? "" : ".") + key;
  }
  return node;
}

std::string set_at(Settings& root, const std::string& path, const Settings& value) {
  Settings* node = &root;
  std::string here;
  const std::vector<std::string> keys = keys_of(path);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!node->is_object()) {
      *node = spelt_out(here, *node);
      if (!node->is_object()) return here;
    }
    here += (i == 0 ? "" : ".") + keys[i];
    node = &(*node)[keys[i]];
  }
  *node = value;
  return "";
}

}  // namespace attnlab

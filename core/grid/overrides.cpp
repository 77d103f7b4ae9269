// overrides.cpp: where the value of a --set goes.
#include "grid/overrides.hpp"

#include "grid/fields.hpp"
#include "grid/path.hpp"

namespace attnlab {
namespace {

// The keys from the file's root: paths are relative to `trial` unless they name something beside
// it.
std::vector<std::string> keys_from_root(const std::string& path) {
  if (path == "sweep" || path == "name" || path == "description" || path == "claims") return {path};
  for (const std::string part : {"grid", "zip", "exclude"}) {
    const std::string head = "sweep." + part;
    if (path == head) return {"sweep", part};
    if (path.starts_with(head + ".")) return {"sweep", part, path.substr(head.size() + 1)};
  }
  std::vector<std::string> keys = keys_of(path);
  const std::string& first = keys[0];
  if (first != "sweep" && first != "name" && first != "description" && first != "claims") {
    keys.insert(keys.begin(), "trial");
  }
  return keys;
}

// The swept path that would win over a value at `path`, or "".
std::string swept_path(const Node& root, const std::string& path) {
  const Node* sweep = root.find("sweep");
  if (!sweep) return "";
  std::vector<const Node*> mappings;
  if (const Node* product = sweep->find("grid")) mappings.push_back(product);
  if (const Node* zip = sweep->find("zip")) {
    for (const Node& entry : zip->items) mappings.push_back(&entry);
  }
  for (const Node* mapping : mappings) {
    for (const Node::Key& key : mapping->keys) {
      if (is_within(path, key.text)) return key.text;
    }
  }
  return "";
}

// Goes down to the mapping that holds the last key; null after a mistake.
void put_at(Node& root, const std::vector<std::string>& keys, Mark mark, Node value,
            Mistakes& mistakes) {
  Node* node = &root;
  std::string path;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (node->kind != Node::Kind::mapping) {
      // Words like `schedule: cosine` are short for mappings; paths in `trial` have no `trial.` in
      // front.
      Mistakes ignored;
      const std::string in_trial = path.starts_with("trial.") ? path.substr(6) : path;
      const Settings spelt = spelt_out(in_trial, to_settings(*node, ignored));
      if (!spelt.is_object()) {
        mistakes.add(mark, "'" + in_trial + "' is not a mapping, so nothing can be set beneath it",
                     "set '" + in_trial + "' itself, as in --set " + in_trial + "='{key: value}'");
        return;
      }
      *node = node_from(spelt, node->mark);
    }
    path += (i == 0 ? "" : ".") + keys[i];
    if (i + 1 == keys.size()) return node->put(keys[i], mark, std::move(value));
    if (!node->find(keys[i])) {
      Node empty;
      empty.kind = Node::Kind::mapping;
      empty.mark = mark;
      node->put(keys[i], mark, std::move(empty));
    }
    node = node->find(keys[i]);
  }
}

}  // namespace

void apply_overrides(const std::vector<std::string>& overrides, Node& root, Mistakes& mistakes) {
  std::vector<std::pair<std::string, Mark>> in_trial;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const Mark mark{0, static_cast<int>(i) + 1};
    const std::size_t equals = overrides[i].find('=');
    const std::string path = overrides[i].substr(0, equals);
    if (equals == std::string::npos || path.empty()) {
      mistakes.add(mark, "this is not PATH=VALUE", "as in --set optimizer.learning_rate=0.1");
      continue;
    }
    const std::vector<std::string> keys = keys_from_root(path);
    bool good = true;
    for (const std::string& key : keys) good = good && !key.empty();
    if (!good) {
      mistakes.add(mark, "'" + path + "' is not a path", "as in --set optimizer.learning_rate=0.1");
      continue;
    }
    Mistakes in_value;
    std::optional<Node> value = read_tree(overrides[i].substr(equals + 1), in_value);
    for (const Error& error : in_value.errors("", {})) mistakes.add(mark, error.what, error.hint);
    if (!in_value.empty()) continue;
    if (!value) value.emplace();
    stand_at(*value, mark);
    put_at(root, keys, mark, std::move(*value), mistakes);
    if (keys[0] == "trial") in_trial.emplace_back(path, mark);
  }
  for (const auto& [path, mark] : in_trial) {
    if (const std::string swept = swept_path(root, path); !swept.empty()) {
      mistakes.add(mark, "'" + swept + "' is swept, so this value would never be used",
                   "use --set sweep.grid." + swept + "='[...]'");
    }
  }
}

}  // namespace attnlab

// tree.cpp: walking positioned trees and turning them into settings.
#include "grid/tree.hpp"

namespace attnlab {

const Node* Node::find(const std::string& key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

Node* Node::find(const std::string& key) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(key));
}

void Node::put(const std::string& key, Mark key_mark, Node value) {
  kind = Kind::mapping;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text != key) continue;
    keys[i].mark = key_mark;
    items[i] = std::move(value);
    return;
  }
  keys.push_back({key, key_mark});
  items.push_back(std::move(value));
}

Settings to_settings(const Node& node, Mistakes& mistakes) {
  if (node.kind == Node::Kind::scalar) {
    if (!node.flaw.empty()) mistakes.add(node.mark, node.flaw, node.hint);
    return node.scalar;
  }
  Settings out =
      node.kind == Node::Kind::mapping ? Settings(Settings::object()) : Settings(Settings::array());
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    Settings item = to_settings(node.items[i], mistakes);
    if (!node.items[i].flaw.empty()) continue;
    if (node.kind == Node::Kind::mapping) {
      out[node.keys[i].text] = std::move(item);
    } else {
      out.push_back(std::move(item));
    }
  }
  return out;
}

Node node_from(const Settings& settings, Mark mark) {
  Node node;
  node.mark = mark;
  if (settings.is_object()) {
    node.kind = Node::Kind::mapping;
    for (const auto& [key, value] : settings.items()) node.put(key, mark, node_from(value, mark));
  } else if (settings.is_array()) {
    node.kind = Node::Kind::list;
    for (const Settings& value : settings) node.items.push_back(node_from(value, mark));
  } else {
    node.scalar = settings;
    node.text = settings.is_string() ? settings.get<std::string>() : settings.dump();
  }
  return node;
}

void stand_at(Node& node, Mark mark) {
  node.mark = mark;
  for (Node::Key& key : node.keys) key.mark = mark;
  for (Node& item : node.items) stand_at(item, mark);
}

void add_places(const Node& node, const std::string& path, std::map<std::string, Place>& places) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (node.kind == Node::Kind::mapping) {
      const std::string here = path.empty() ? node.keys[i].text : path + "." + node.keys[i].text;
      places[here] = {node.keys[i].mark, node.items[i].mark};
      add_places(node.items[i], here, places);
    } else if (node.kind == Node::Kind::list) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      places[here] = {node.items[i].mark, node.items[i].mark};
      add_places(node.items[i], here, places);
    }
  }
}

}  // namespace attnlab

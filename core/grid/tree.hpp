// tree.hpp: a YAML document as a tree that knows where each of its parts stands.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grid/grid.hpp"
#include "grid/mistakes.hpp"

namespace attnlab {

// Aliases and merges are expanded; keys are unique and keep the order of the file.
struct Node {
  enum class Kind { scalar, list, mapping };
  struct Key {
    std::string text;
    Mark mark;
  };

  Kind kind = Kind::scalar;
  Mark mark;
  Settings scalar;         // scalars
  std::string text;        // scalars: as written
  std::string flaw, hint;  // not empty: the scalar has no value, and why
  std::vector<Key> keys;   // mappings; keys[i] belongs to items[i]
  std::vector<Node> items;
  int n_nodes = 1;  // of this tree
  int depth = 1;

  bool is_null() const { return kind == Kind::scalar && flaw.empty() && scalar.is_null(); }
  bool is_text() const { return kind == Kind::scalar && scalar.is_string(); }
  Node* find(const std::string& key);
  const Node* find(const std::string& key) const;
  // Replaces the value of `key`, or adds it at the end.
  void put(const std::string& key, Mark key_mark, Node value);
};

constexpr int most_nodes = 100'000;  // after aliases are expanded
constexpr int most_depth = 100;
constexpr std::size_t most_bytes = 16 << 20;

// The one document in `text`; none if there is a mistake of syntax, or nothing in it.
std::optional<Node> read_tree(const std::string& text, Mistakes& mistakes);

// The tree as settings. Flawed scalars are mistakes and are left out.
Settings to_settings(const Node& node, Mistakes& mistakes);
// A tree that reads as `settings`, all of it standing at `mark`.
Node node_from(const Settings& settings, Mark mark);
// All marks of the tree become `mark`.
void stand_at(Node& node, Mark mark);
// Adds the place of every path beneath `path`.
void add_places(const Node& node, const std::string& path, std::map<std::string, Place>& places);

}  // namespace attnlab

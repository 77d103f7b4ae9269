// yaml.cpp: from YAML text to a positioned tree. The only file that includes yaml-cpp; its
// exceptions stop here.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "grid/scalar.hpp"
#include "grid/tree.hpp"

namespace attnlab {
namespace {

struct Stop {  // leaves the parser at the first mistake after which reading on makes no sense
  Mark mark;
  std::string what;
  std::string hint;
};

Mark mark_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {mark.line + 1, mark.column + 1};
}

// Builds the tree from the parser's events. Merges (<<) and double keys are left to tidy().
class Builder : public YAML::EventHandler {
 public:
  std::optional<Node> root;
  bool started = false;
  Mark start;

  void OnDocumentStart(const YAML::Mark& mark) override {
    started = true;
    start = mark_of(mark);
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.mark = mark_of(mark);
    if (const Open* open = top(); open && open->key) node.mark = open->key->mark;
    add_scalar(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.mark = mark_of(mark);
    node.text = value;
    const bool plain = tag == "?" || tag.empty();
    const std::string name = plain || tag == "!" ? "" : tag.substr(tag.find_last_of(":!") + 1);
    if (tag == "!" || name == "str") {
      node.scalar = value;
    } else if (plain || name == "int" || name == "float" || name == "bool" || name == "null") {
      Scalar scalar = plain_scalar(value);
      node.scalar = std::move(scalar.value);
      node.flaw = std::move(scalar.flaw);
      node.hint = std::move(scalar.hint);
    } else {
      refuse_tag(node.mark, tag);
    }
    add_scalar(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (const auto scalar = scalars_.find(anchor); scalar != scalars_.end()) {
      count(1, mark_of(mark));
      return add(Node(scalar->second));
    }
    const Node* node = anchored(anchor);
    if (!node) throw Stop{mark_of(mark), "this alias stands inside what it names", "write it out"};
    count(node->n_nodes, mark_of(mark));
    if (static_cast<int>(open_.size()) + node->depth > most_depth) too_deep(mark_of(mark));
    add(Node(*node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Node::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {  // a list or mapping whose end has not come yet
    Node node;
    std::optional<Node::Key> key;  // mappings: the key whose value comes next
  };

  Open* top() { return open_.empty() ? nullptr : &open_.back(); }

  [[noreturn]] static void refuse_tag(Mark mark, const std::string& tag) {
    throw Stop{mark, "the tag " + tag + " means nothing here", "leave it out"};
  }
  [[noreturn]] static void too_deep(Mark mark) {
    throw Stop{mark, "the file is nested more than " + std::to_string(most_depth) + " levels deep",
               "write it flatter"};
  }

  void count(int n, Mark mark) {
    n_nodes_ += n;
    if (n_nodes_ > most_nodes) {
      throw Stop{mark,
                 "the file has more than " + std::to_string(most_nodes) +
                     " values once its aliases are expanded",
                 "use range, linspace or logspace for long lists"};
    }
  }

  void begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    const Mark here = mark_of(mark);
    if (tag != "?" && tag != "!" && !tag.empty() && !tag.ends_with(":map") &&
        !tag.ends_with(":seq")) {
      refuse_tag(here, tag);
    }
    const Open* parent = top();
    if (parent && parent->node.kind == Node::Kind::mapping && !parent->key) {
      throw Stop{here, "a key cannot be a list or a mapping",
                 "keys are words; is a bracket left open?"};
    }
    count(1, here);
    if (open_.size() + 1 >= static_cast<std::size_t>(most_depth)) too_deep(here);
    if (anchor != 0) {
      std::vector<std::size_t> way;
      for (const Open& open : open_) way.push_back(open.node.items.size());
      ways_[anchor] = std::move(way);
    }
    Open open;
    open.node.kind = kind;
    open.node.mark = here;
    open_.push_back(std::move(open));
  }

  void end() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    for (const Node& item : node.items) {
      node.n_nodes += item.n_nodes;
      node.depth = std::max(node.depth, item.depth + 1);
    }
    add(std::move(node));
  }

  void add_scalar(Node node, YAML::anchor_t anchor) {
    count(1, node.mark);
    if (anchor != 0) scalars_[anchor] = node;
    add(std::move(node));
  }

  void add(Node node) {
    Open* open = top();
    if (!open) {
      root = std::move(node);
    } else if (open->node.kind == Node::Kind::list) {
      open->node.items.push_back(std::move(node));
    } else if (!open->key) {
      if (node.kind != Node::Kind::scalar || (node.scalar.is_null() && node.text.empty())) {
        throw Stop{node.mark, "this is not a key", "write `key: value`"};
      }
      open->key = Node::Key{node.text, node.mark};
    } else {
      open->node.keys.push_back(std::move(*open->key));
      open->node.items.push_back(std::move(node));
      open->key.reset();
    }
  }

  // The finished list or mapping that the anchor names; null while it is still open.
  const Node* anchored(YAML::anchor_t anchor) const {
    const auto found = ways_.find(anchor);
    if (found == ways_.end() || open_.empty()) return nullptr;
    std::size_t level = 0;
    const Node* node = &open_[0].node;
    bool is_open = true;
    for (const std::size_t step : found->second) {
      if (is_open && step == node->items.size()) {
        if (++level >= open_.size()) return nullptr;
        node = &open_[level].node;
      } else if (step < node->items.size()) {
        node = &node->items[step];
        is_open = false;
      } else {
        return nullptr;
      }
    }
    return is_open ? nullptr : node;
  }

  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Node> scalars_;
  std::unordered_map<YAML::anchor_t, std::vector<std::size_t>> ways_;  // indices from the root
  int n_nodes_ = 0;
};

// Puts merged keys (<<) behind the mapping's own and reports keys that are there twice.
void tidy(Node& node, Mistakes& mistakes) {
  for (Node& item : node.items) tidy(item, mistakes);
  if (node.kind != Node::Kind::mapping) return;

  std::vector<Node> merged;  // mappings, the first one wins
  std::unordered_map<std::string, Mark> seen;
  Node out;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node::Key& key = node.keys[i];
    const auto [first, is_new] = seen.emplace(key.text, key.mark);
    if (!is_new) {
      mistakes.add(key.mark, "the key '" + key.text + "' is given twice",
                   "the first one is in line " + std::to_string(first->second.line));
    } else if (key.text != "<<") {
      out.keys.push_back(key);
      out.items.push_back(std::move(node.items[i]));
    } else if (node.items[i].kind == Node::Kind::list) {
      for (Node& item : node.items[i].items) merged.push_back(std::move(item));
    } else {
      merged.push_back(std::move(node.items[i]));
    }
  }
  for (Node& mapping : merged) {
    if (mapping.kind != Node::Kind::mapping) {
      mistakes.add(mapping.mark, "<< wants a mapping or a list of mappings", "as in `<<: *name`");
      continue;
    }
    for (std::size_t i = 0; i < mapping.keys.size(); ++i) {
      if (!seen.emplace(mapping.keys[i].text, mapping.keys[i].mark).second) continue;
      out.keys.push_back(mapping.keys[i]);
      out.items.push_back(std::move(mapping.items[i]));
    }
  }
  node.keys = std::move(out.keys);
  node.items = std::move(out.items);
}

// Columns of a text that YAML may not hold at all: not UTF-8, control characters, tabs that indent.
std::optional<Stop> unreadable(const std::string& text) {
  if (text.size() > most_bytes)
    return Stop{{1, 1}, "the file is larger than 16 MiB", "write it shorter"};
  Mark mark{1, 0};
  bool indents = true;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    ++mark.column;
    const std::size_t n = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
    bool good =
        n != 0 && i + n <= text.size() && (c >= 0x20 || c == '\n' || c == '\r' || c == '\t');
    for (std::size_t k = 1; good && k < n; ++k) {
      good = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
    }
    if (!good || c == 0x7F) {
      return Stop{mark, "this is not text (UTF-8)", "a grid file is YAML; is this the right file?"};
    }
    if (c == '\n') {
      mark = {mark.line + 1, 0};
      indents = true;
    } else if (c == '\t' && indents) {
      const std::size_t next = text.find_first_not_of(" \t\r", i);
      if (next != std::string::npos && text[next] != '\n' && text[next] != '#') {
        return Stop{mark, "a tab indents this line", "YAML wants spaces"};
      }
    } else if (c != ' ') {
      indents = false;
    }
    i += n;
  }
  return std::nullopt;
}

// yaml-cpp takes a quote that the end of the file cuts off for a closed one; behind an
// end-of-document line it does not.
std::string with_end(const std::string& text) {
  return text + (text.empty() || text.ends_with('\n') ? "...\n" : "\n...\n");
}

std::string plain_words(const YAML::Exception& e) {
  if (e.msg == YAML::ErrorMsg::DOC_IN_SCALAR || e.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
    return "a quote is opened and not closed before here";
  }
  if (e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) return "a [ is not closed by a ]";
  if (e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW) return "a { is not closed by a }";
  if (e.msg == YAML::ErrorMsg::END_OF_MAP || e.msg == YAML::ErrorMsg::END_OF_SEQ) {
    return "this line is indented like none above it";
  }
  return "this is not YAML: " + e.msg;
}

}  // namespace

std::optional<Node> read_tree(const std::string& text, Mistakes& mistakes) try {
  if (const auto stop = unreadable(text)) throw *stop;
  std::istringstream in(with_end(text));
  YAML::Parser parser(in);
  Builder first, second;
  parser.HandleNextDocument(first);
  if (parser.HandleNextDocument(second)) {
    throw Stop{second.start, "a second document begins here", "a grid file is one document"};
  }
  if (first.root) tidy(*first.root, mistakes);
  return std::move(first.root);
} catch (const Stop& stop) {
  mistakes.add(stop.mark, stop.what, stop.hint);
  return std::nullopt;
} catch (const YAML::Exception& e) {
  mistakes.add(mark_of(e.mark), plain_words(e),
               "YAML wants spaces, `key: value`, and every bracket and quote closed");
  return std::nullopt;
} catch (const std::exception& e) {
  mistakes.add({1, 1}, std::string("this is not YAML: ") + e.what(), "is this the right file?");
  return std::nullopt;
}

}  // namespace attnlab

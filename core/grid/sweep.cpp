// sweep.cpp: product axes, zip entries and exclusions.
#include "grid/sweep.hpp"

#include <algorithm>

#include "base/nearest.hpp"
#include "grid/fields.hpp"
#include "grid/path.hpp"

namespace attnlab {
namespace {

bool is_mapping(const Node& node, const std::string& what, const std::string& hint,
                Mistakes& mistakes) {
  if (node.kind == Node::Kind::mapping) return true;
  mistakes.add(node.mark,
               what + " must be a mapping, not " +
                   (node.kind == Node::Kind::list ? "a list" : noun(node.scalar)),
               hint);
  return false;
}

bool is_list(const Node& node, const std::string& what, const std::string& hint,
             Mistakes& mistakes) {
  if (node.kind == Node::Kind::list) return true;
  mistakes.add(node.mark,
               what + " must be a list of mappings, not " +
                   (node.kind == Node::Kind::mapping ? "a mapping" : noun(node.scalar)),
               hint);
  return false;
}

bool is_path(const Node::Key& key, Mistakes& mistakes) {
  for (const std::string& word : keys_of(key.text)) {
    if (!word.empty() && word.find_first_of(" []{}") == std::string::npos) continue;
    mistakes.add(key.mark, "'" + key.text + "' is not a path",
                 "paths are keys with dots between them, as in `model.attention.kernel.plugin`");
    return false;
  }
  return true;
}

// One axis for all keys of `entry`, whose lists must be equally long.
void read_zip_entry(const Node& entry, Grid& grid, Mistakes& mistakes) {
  if (!is_mapping(entry, "an entry of zip", "write `- {path: [values], path: [values]}`", mistakes))
    return;
  Axis axis;
  std::vector<std::vector<Settings>> lists;
  std::vector<std::vector<Mark>> marks;
  bool good = true;
  for (std::size_t i = 0; i < entry.keys.size(); ++i) {
    const Node::Key& key = entry.keys[i];
    good = is_path(key, mistakes) && good;
    lists.emplace_back();
    marks.emplace_back();
    lists.back() = swept_values(entry.items[i], key.text, marks.back(), mistakes);
    axis.paths.push_back(key.text);
    axis.path_marks.push_back(key.mark);
    if (lists.back().empty()) good = false;
    if (good && lists.back().size() != lists.front().size()) {
      mistakes.add(entry.items[i].mark,
                   "'" + key.text + "' has " + std::to_string(lists.back().size()) + " values, '" +
                       entry.keys[0].text + "' has " + std::to_string(lists.front().size()),
                   "lists in one entry of zip vary together and must be equally long");
      good = false;
    }
  }
  if (!good || axis.paths.empty()) return;
  for (std::size_t i = 0; i < lists[0].size(); ++i) {
    axis.values.emplace_back();
    axis.marks.emplace_back();
    for (std::size_t p = 0; p < lists.size(); ++p) {
      axis.values.back().push_back(std::move(lists[p][i]));
      axis.marks.back().push_back(marks[p][i]);
    }
  }
  grid.axes.push_back(std::move(axis));
}

void read_product(const Node& product, Grid& grid, Mistakes& mistakes) {
  for (std::size_t i = 0; i < product.keys.size(); ++i) {
    Axis axis{{product.keys[i].text}, {product.keys[i].mark}, {}, {}};
    std::vector<Mark> marks;
    if (!is_path(product.keys[i], mistakes)) continue;
    for (Settings& value : swept_values(product.items[i], axis.paths[0], marks, mistakes)) {
      axis.values.push_back({std::move(value)});
      axis.marks.push_back({marks[axis.marks.size()]});
    }
    if (!axis.values.empty()) grid.axes.push_back(std::move(axis));
  }
}

void read_exclusions(const Node& list, Grid& grid, Mistakes& mistakes) {
  if (!is_list(list, "exclude", "write `- {path: value, path: value}`", mistakes)) return;
  for (const Node& item : list.items) {
    if (!is_mapping(item, "an entry of exclude", "write `- {path: value, path: value}`", mistakes))
      continue;
    if (item.keys.empty()) {
      mistakes.add(item.mark, "this would exclude every trial",
                   "name the values of the trials to leave out");
      continue;
    }
    Exclusion exclusion;
    for (std::size_t i = 0; i < item.keys.size(); ++i) {
      if (!is_path(item.keys[i], mistakes)) continue;
      exclusion.paths.push_back(item.keys[i].text);
      exclusion.values.push_back(to_settings(item.items[i], mistakes));
      exclusion.marks.push_back(item.items[i].mark);
    }
    if (!exclusion.paths.empty()) grid.exclusions.push_back(std::move(exclusion));
  }
}

// The same path twice, or one inside the other: which of them would count?
void check_overlaps(const Grid& grid, Mistakes& mistakes) {
  std::vector<std::pair<std::string, Mark>> seen;
  for (const Axis& axis : grid.axes) {
    for (std::size_t p = 0; p < axis.paths.size(); ++p) {
      const std::string& path = axis.paths[p];
      for (const auto& [other, mark] : seen) {
        if (path == other) {
          mistakes.add(axis.path_marks[p], "'" + path + "' is swept twice",
                       "it is already in line " + std::to_string(mark.line));
        } else if (is_within(path, other) || is_within(other, path)) {
          mistakes.add(axis.path_marks[p], "'" + path + "' and '" + other + "' overlap",
                       "sweep one of them");
        }
      }
      seen.emplace_back(path, axis.path_marks[p]);
    }
  }
}

// A path that no trial can have a value at excludes nothing: it is misspelt.
void check_exclusions(const Node& list, const Grid& grid, Mistakes& mistakes) {
  std::vector<std::string> swept;
  for (const Axis& axis : grid.axes)
    swept.insert(swept.end(), axis.paths.begin(), axis.paths.end());
  for (const Node& item : list.items) {
    for (const Node::Key& key : item.keys) {
      const bool known = std::ranges::any_of(
          swept, [&](const std::string& path) { return is_within(key.text, path); });
      if (known || value_at(grid.trial, key.text)) continue;
      mistakes.add(key.mark, "'" + key.text + "' is neither swept nor given in `trial`",
                   swept.empty() ? "nothing is swept" : suggestion(key.text, swept));
    }
  }
}

}  // namespace

void read_sweep(const Node* sweep, Grid& grid, Mistakes& mistakes) {
  if (!sweep || sweep->is_null()) return;
  static const std::vector<std::string> keys{"grid", "zip", "exclude"};
  if (!is_mapping(*sweep, "'sweep'", "write `sweep: {grid: {path: [values]}}`", mistakes)) return;
  for (const Node::Key& key : sweep->keys) {
    if (std::find(keys.begin(), keys.end(), key.text) != keys.end()) continue;
    const bool is_a_path = key.text.find('.') != std::string::npos;
    mistakes.add(key.mark, "sweep has no key '" + key.text + "'",
                 is_a_path ? "put paths under `grid` or `zip`" : suggestion(key.text, keys));
  }
  if (const Node* product = sweep->find("grid"); product && !product->is_null()) {
    if (is_mapping(*product, "'grid'", "write `grid: {path: [values]}`", mistakes)) {
      read_product(*product, grid, mistakes);
    }
  }
  if (const Node* zip = sweep->find("zip"); zip && !zip->is_null()) {
    if (is_list(*zip, "zip", "write `- {path: [values], path: [values]}`", mistakes)) {
      for (const Node& entry : zip->items) read_zip_entry(entry, grid, mistakes);
    }
  }
  if (const Node* exclude = sweep->find("exclude"); exclude && !exclude->is_null()) {
    const bool sweep_is_sound = mistakes.empty();
    read_exclusions(*exclude, grid, mistakes);
    if (sweep_is_sound) check_exclusions(*exclude, grid, mistakes);
  }
  check_overlaps(grid, mistakes);

  double n_trials = 1;
  for (const Axis& axis : grid.axes) n_trials *= static_cast<double>(axis.values.size());
  if (n_trials > static_cast<double>(most_trials)) {
    mistakes.add(
        sweep->mark, "this spans " + Settings(n_trials).dump() + " trials",
        "at most " + std::to_string(most_trials) + " are possible; take values away, or zip axes");
    grid.axes.clear();
  }
}

}  // namespace attnlab

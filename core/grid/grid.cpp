// grid.cpp: reads a grid file from top to bottom.
#include "grid/grid.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/nearest.hpp"
#include "grid/combinations.hpp"
#include "grid/fields.hpp"
#include "grid/overrides.hpp"
#include "grid/path.hpp"
#include "grid/reading.hpp"
#include "grid/resolve.hpp"
#include "grid/sweep.hpp"
#include "grid/tree.hpp"

namespace attnlab {
namespace {

bool is_name(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

// The nearest thing to `text` that is a name; may be empty.
std::string as_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      name += static_cast<char>(c - 'A' + 'a');
    } else if (is_name(std::string(1, c))) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

void read_name(const Node* node, const std::string& file, Grid& grid, Mistakes& mistakes) {
  if (!node) {
    grid.name = as_name(std::filesystem::path(file).stem().string());
    if (grid.name.empty()) mistakes.add({1, 1}, "the grid has no name", "write `name: my-grid`");
    return;
  }
  grid.name = node->text;
  if (node->kind == Node::Kind::scalar && is_name(grid.name)) return;
  const std::string better = as_name(grid.name);
  mistakes.add(
      node->mark, node->text.empty() ? "a name is missing" : "'" + node->text + "' is not a name",
      "names are of a-z, 0-9 and -, as in `name: " + (better.empty() ? "my-grid" : better) + "`");
}

void read_description(const Node* node, Grid& grid, Mistakes& mistakes) {
  if (!node) return;
  grid.description = node->text;
  if (node->kind == Node::Kind::scalar) return;
  mistakes.add(node->mark, "'description' must be text", "put it in quotes");
}

void read_claims(const Node* node, const std::vector<std::string>& known, Grid& grid,
                 Mistakes& mistakes) {
  if (!node || node->is_null()) return;
  if (node->kind != Node::Kind::list) {
    mistakes.add(node->mark, "'claims' must be a list of names",
                 "write `claims: [" + (node->text.empty() ? "name" : node->text) + "]`");
    return;
  }
  for (const Node& item : node->items) {
    if (std::ranges::find(grid.claims, item.text) != grid.claims.end() && item.is_text()) {
      mistakes.add(item.mark, "the claim '" + item.text + "' is there twice", "once is enough");
    } else if (item.is_text() && std::ranges::find(known, item.text) != known.end()) {
      grid.claims.push_back(item.text);
    } else {
      const std::string best = nearest(item.text, known);
      mistakes.add(item.mark, "no claim is called '" + item.text + "'",
                   best.empty() ? "`attnlab check --list` prints all claims"
                                : "did you mean '" + best + "'?");
    }
  }
}

void read_trial(const Node* node, Mark key, Grid& grid, Mistakes& mistakes) {
  grid.trial = Settings::object();
  if (!node) {
    mistakes.add({1, 1}, "there is no `trial`", "write at least `trial: {}`");
  } else if (node->kind == Node::Kind::mapping) {
    grid.trial = to_settings(*node, mistakes);
    grid.places[""] = {key, node->mark};
    add_places(*node, "", grid.places);
  } else if (node->is_null()) {
    grid.places[""] = {key, node->mark};
  } else {
    mistakes.add(node->mark, "'trial' must be a mapping", "write `trial: {seed: 1}`");
  }
}

// Takes what belongs to `parts` of a trial out of the grid, and keys that are no part, which may
// have meant one. False if then it is not known which trials there are, because an axis or an
// exclusion joins these parts with others.
bool leave_out(std::set<std::string>& parts, Grid& grid) {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : grid.trial.items()) {
    if (std::ranges::find(trial_parts, key) == trial_parts.end()) unknown.push_back(key);
  }
  for (const std::string& key : unknown) {
    grid.trial.erase(key);
    if (const std::string meant = nearest(key, trial_parts); !meant.empty()) parts.insert(meant);
  }
  for (const Axis& axis : grid.axes) {
    for (const std::string& path : axis.paths) {
      if (std::ranges::find(trial_parts, keys_of(path)[0]) == trial_parts.end()) return false;
    }
  }
  const auto is_out = [&](const std::string& path) { return parts.contains(keys_of(path)[0]); };
  for (const Exclusion& exclusion : grid.exclusions) {
    if (std::ranges::any_of(exclusion.paths, is_out)) return false;
  }
  for (const Axis& axis : grid.axes) {
    if (std::ranges::any_of(axis.paths, is_out) && !std::ranges::all_of(axis.paths, is_out))
      return false;
  }
  std::erase_if(grid.axes, [&](const Axis& axis) { return is_out(axis.paths[0]); });
  for (const std::string& part : parts) grid.trial.erase(part);
  return true;
}

// `beside`: mistakes that leave the trials as they are; `within`: all others.
void read_root(const Node& root, const std::vector<std::string>& known_claims, Grid& grid,
               Mistakes& beside, Mistakes& within) {
  static const std::vector<std::string> keys{"name", "description", "trial", "sweep", "claims"};
  static const std::vector<std::string> of_trials{"trial", "sweep"};
  Mark trial_key;
  for (const Node::Key& key : root.keys) {
    if (key.text == "trial") trial_key = key.mark;
    if (std::ranges::find(keys, key.text) != keys.end()) continue;
    const bool of_trial = std::ranges::find(trial_parts, key.text) != trial_parts.end();
    const bool may_mean_trials = of_trial || !nearest(key.text, of_trials).empty();
    Mistakes& mistakes = may_mean_trials ? within : beside;
    mistakes.add(key.mark, "a grid has no key '" + key.text + "'",
                 of_trial ? "it belongs into `trial`" : suggestion(key.text, keys));
  }
  read_name(root.find("name"), grid.file, grid, beside);
  read_description(root.find("description"), grid, beside);
  read_trial(root.find("trial"), trial_key, grid, within);
  read_sweep(root.find("sweep"), grid, within);
  read_claims(root.find("claims"), known_claims, grid, beside);
}

Reading reading_from(const std::string& text, const std::string& file,
                     const std::filesystem::path& folder, const std::vector<std::string>& overrides,
                     const Catalogue& catalogue, const std::vector<std::string>& claims) {
  Reading reading;
  Grid& grid = reading.grid;
  grid.file = file;
  grid.folder = folder;
  grid.text = text;
  grid.overrides = overrides;
  Mistakes beside, within;
  std::optional<Node> root = read_tree(text, within);
  if (within.empty() && (!root || root->is_null())) {
    within.add({1, 1}, "the file is empty", "a grid needs at least `trial: {}`");
  } else if (root && root->kind != Node::Kind::mapping) {
    within.add(root->mark, "this is not a grid",
               "a grid file begins with keys such as `name:` and `trial:`");
  } else if (root) {
    apply_overrides(overrides, *root, within);
    read_root(*root, claims, grid, beside, within);
    const bool has_trials = within.empty();
    reading.faulty = check_trials(grid, catalogue, within);
    reading.has_trials = has_trials && leave_out(reading.faulty, grid);
  }
  within.add(beside);
  reading.errors = within.errors(file, overrides);
  return reading;
}

}  // namespace

Result<Grid> grid_from(const std::string& text, const std::string& file,
                       const std::filesystem::path& folder,
                       const std::vector<std::string>& overrides, const Catalogue& catalogue,
                       const std::vector<std::string>& claims) {
  Reading reading = reading_from(text, file, folder, overrides, catalogue, claims);
  if (!reading.errors.empty()) return reading.errors;
  return std::move(reading.grid);
}

Reading read_as_far_as_possible(const std::filesystem::path& file,
                                const std::vector<std::string>& overrides,
                                const Catalogue& catalogue,
                                const std::vector<std::string>& claims) {
  const auto wrong = [](Error error) {
    Reading reading;
    reading.errors.push_back(std::move(error));
    return reading;
  };
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    return wrong({file.string(), "this is a folder", "give the grid file in it"});
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return wrong({file.string(), "cannot be read", std::strerror(errno)});
  // One byte more than allowed is enough to see that there is too much.
  std::string text(most_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) {
    return wrong({file.string(), "cannot be read", std::strerror(errno), Blame::machine});
  }
  const std::filesystem::path whole = std::filesystem::absolute(file, error).lexically_normal();
  return reading_from(text, file.string(), whole.parent_path(), overrides, catalogue, claims);
}

Result<Grid> read_grid(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                       const Catalogue& catalogue, const std::vector<std::string>& claims) {
  Reading reading = read_as_far_as_possible(file, overrides, catalogue, claims);
  if (!reading.errors.empty()) return reading.errors;
  return std::move(reading.grid);
}

}  // namespace attnlab

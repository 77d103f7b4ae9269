// combinations.cpp: steps through a grid's combinations and finds the places of their mistakes.
#include "grid/combinations.hpp"

#include <algorithm>
#include <set>

#include "grid/exclude.hpp"
#include "grid/path.hpp"
#include "grid/resolve.hpp"

namespace attnlab {
namespace {

constexpr std::size_t most_texts = 50'000;  // kept of one part

}  // namespace

Combinations::Combinations(const Grid& grid, const Catalogue& catalogue)
    : grid_(grid),
      catalogue_(catalogue),
      choice_(grid.axes.size(), 0),
      excluded_(excluded_values(grid)) {
  for (const std::string& name : trial_parts) {
    Part part;
    part.name = name;
    for (std::size_t a = 0; a < grid.axes.size(); ++a) {
      const bool touches = std::ranges::any_of(
          grid.axes[a].paths, [&](const std::string& path) { return is_within(path, name); });
      if (touches) part.axes.push_back(a);
    }
    parts_.push_back(std::move(part));
  }
}

bool Combinations::next() {
  for (std::size_t a = choice_.size(); a-- > 0;) {
    if (++choice_[a] < grid_.axes[a].values.size()) return true;
    choice_[a] = 0;
  }
  return false;
}

bool Combinations::is_excluded() const {
  return std::ranges::any_of(excluded_, [&](const auto& values) {
    for (std::size_t a = 0; a < choice_.size(); ++a) {
      if (!values[a].empty() && !values[a][choice_[a]]) return false;
    }
    return true;
  });
}

void Combinations::canonical_text(std::string& out, Mistakes& mistakes) {
  out.clear();
  for (Part& part : parts_) {
    out += out.empty() ? "{\"" : ",\"";
    out += part.name;
    out += "\":";
    out += text_of(part, mistakes);
  }
  out += "}";
}

const std::string& Combinations::text_of(Part& part, Mistakes& mistakes) {
  std::uint64_t key = 0;
  for (const std::size_t a : part.axes) key = key * grid_.axes[a].values.size() + choice_[a];
  if (const auto found = part.texts.find(key); found != part.texts.end()) return found->second;
  std::string text = resolve(part, mistakes);
  if (part.texts.size() < most_texts) return part.texts[key] = std::move(text);
  return part.uncached = std::move(text);
}

std::string Combinations::resolve(const Part& part, Mistakes& mistakes) {
  Settings given = Settings::object();
  if (const auto base = grid_.trial.find(part.name); base != grid_.trial.end())
    given[part.name] = *base;
  for (const std::size_t a : part.axes) {
    const Axis& axis = grid_.axes[a];
    for (std::size_t p = 0; p < axis.paths.size(); ++p) {
      if (!is_within(axis.paths[p], part.name)) continue;
      const std::string blocked = set_at(given, axis.paths[p], axis.values[choice_[a]][p]);
      if (blocked.empty()) continue;
      faulty_.insert(part.name);
      mistakes.add(axis.path_marks[p],
                   "'" + blocked + "' is not a mapping, so '" + axis.paths[p] + "' is not there",
                   "write '" + blocked + "' as a mapping in `trial`");
    }
  }
  const auto found = given.find(part.name);
  Complaints complaints;
  const Settings resolved =
      resolve_part(part.name, found == given.end() ? nullptr : &*found, catalogue_, complaints);
  for (const Complaint& complaint : complaints) report(complaint, mistakes);
  if (!complaints.empty()) faulty_.insert(part.name);
  return canonical(resolved);
}

bool Combinations::is_swept(const std::string& path) const {
  for (const Axis& axis : grid_.axes) {
    for (const std::string& swept : axis.paths) {
      if (is_within(path, swept)) return true;
    }
  }
  return false;
}

void Combinations::report(const Complaint& complaint, Mistakes& mistakes) const {
  std::string hint = complaint.hint;
  const bool other_plugins =
      !complaint.plugin_path.empty() && is_swept(complaint.plugin_path) && hint.ends_with("has it");
  if (other_plugins)
    hint += "; vary the two together with zip, or leave such trials out with exclude";
  mistakes.add(locate(complaint), complaint.what, hint);
}

// A swept value at the path or above it; then the file; then a swept path beneath it; then what
// holds it.
Mark Combinations::locate(const Complaint& complaint) const {
  bool of_key = complaint.of_key;
  for (std::string path = complaint.path;;) {
    for (std::size_t a = 0; a < grid_.axes.size(); ++a) {
      const Axis& axis = grid_.axes[a];
      for (std::size_t p = 0; p < axis.paths.size(); ++p) {
        if (!is_within(path, axis.paths[p])) continue;
        const bool key_itself = path == axis.paths[p] && of_key;
        return key_itself ? axis.path_marks[p] : axis.marks[choice_[a]][p];
      }
    }
    if (const auto found = grid_.places.find(path); found != grid_.places.end()) {
      return of_key ? found->second.key : found->second.value;
    }
    for (const Axis& axis : grid_.axes) {
      for (std::size_t p = 0; p < axis.paths.size(); ++p) {
        if (is_within(axis.paths[p], path) && !path.empty()) return axis.path_marks[p];
      }
    }
    if (path.empty()) return {};
    const std::size_t cut = path.find_last_of(".[");
    path = cut == std::string::npos ? "" : path.substr(0, cut);
    of_key = true;
  }
}

namespace {

// Values of `trial` that the sweep replaces are checked too, each for itself.
void check_replaced(const Grid& grid, const Catalogue& catalogue, Mistakes& mistakes) {
  Complaints complaints;
  for (const std::string& part : trial_parts) {
    const auto found = grid.trial.find(part);
    if (found != grid.trial.end()) resolve_part(part, &*found, catalogue, complaints);
  }
  for (const Complaint& complaint : complaints) {
    const auto at = grid.places.find(complaint.path);
    if (complaint.of_key || complaint.of_several || at == grid.places.end()) continue;
    for (const Axis& axis : grid.axes) {
      if (std::ranges::find(axis.paths, complaint.path) != axis.paths.end()) {
        mistakes.add(at->second.value, complaint.what, complaint.hint);
      }
    }
  }
}

// A value that its key could never have excludes nothing: `seed: "3"`, `plugin: sofmax`.
void check_excluded(const Grid& grid, const Catalogue& catalogue, Mistakes& mistakes) {
  for (const Exclusion& exclusion : grid.exclusions) {
    for (std::size_t e = 0; e < exclusion.paths.size(); ++e) {
      const std::string& path = exclusion.paths[e];
      Settings given = Settings::object();
      set_at(given, path, exclusion.values[e]);
      const auto part = given.begin();
      Complaints complaints;
      check_parts(given, complaints);
      if (complaints.empty()) resolve_part(part.key(), &*part, catalogue, complaints);
      for (const Complaint& complaint : complaints) {
        if (!complaint.plugin_path.empty() || complaint.of_several) continue;
        if (is_within(complaint.path, path)) {
          mistakes.add(exclusion.marks[e], complaint.what, complaint.hint);
        }
      }
    }
  }
}

}  // namespace

void check_first_keys(const Grid& grid, Mistakes& mistakes) {
  const auto check = [&](const std::string& key, Mark mark) {
    Complaints complaints;
    check_parts({{key, nullptr}}, complaints);
    for (const Complaint& complaint : complaints)
      mistakes.add(mark, complaint.what, complaint.hint);
  };
  for (const auto& [key, value] : grid.trial.items()) {
    const auto found = grid.places.find(key);
    check(key, found == grid.places.end() ? Mark{} : found->second.key);
  }
  for (const Axis& axis : grid.axes) {
    for (std::size_t p = 0; p < axis.paths.size(); ++p)
      check(keys_of(axis.paths[p])[0], axis.path_marks[p]);
  }
}

std::set<std::string> check_trials(const Grid& grid, const Catalogue& catalogue,
                                   Mistakes& mistakes) {
  Mistakes in_exclusions;
  check_first_keys(grid, mistakes);
  check_replaced(grid, catalogue, mistakes);
  check_excluded(grid, catalogue, in_exclusions);
  mistakes.add(in_exclusions);
  Combinations combinations(grid, catalogue);
  std::string text;
  do {
    if (!combinations.is_excluded()) combinations.canonical_text(text, mistakes);
  } while (mistakes.left_out() < Mistakes::enough_left_out && combinations.next());
  if (!in_exclusions.empty()) return {trial_parts.begin(), trial_parts.end()};
  return combinations.faulty();
}

}  // namespace attnlab

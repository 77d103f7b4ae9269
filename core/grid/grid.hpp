// grid.hpp: an experiment grid as its author wrote it, checked. YAML text in; a Grid or all its
// mistakes out.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/catalogue.hpp"
#include "base/result.hpp"
#include "base/settings.hpp"

namespace attnlab {

// Where a value stands in the file, from 1. Line 0: it comes from --set number `column` (from 1),
// or, with column 0, from nowhere.
struct Mark {
  int line = 0;
  int column = 0;
  auto operator<=>(const Mark&) const = default;
};

// The text of a mark for messages: "file:line:column", "--set PATH=VALUE" or "file".
std::string place(const std::string& file, const std::vector<std::string>& overrides, Mark mark);

// Paths that vary together and the values they take: values[i][p] belongs to paths[p]. A product
// axis has one path.
struct Axis {
  std::vector<std::string> paths;  // relative to `trial`, "task.dim"
  std::vector<Mark> path_marks;
  std::vector<std::vector<Settings>> values;
  std::vector<std::vector<Mark>> marks;  // of each value
};

struct Exclusion {  // a trial that has all these values is left out
  std::vector<std::string> paths;
  std::vector<Settings> values;
  std::vector<Mark> marks;  // of the values
};

// Where a key of `trial` and its value stand.
struct Place {
  Mark key;
  Mark value;
};

struct Grid {
  std::string name;
  std::string description;
  std::string file;                     // as given, for messages
  std::filesystem::path folder;         // absolute; relative paths of tasks count from here
  std::string text;                     // the file as it is, byte for byte
  std::vector<std::string> overrides;   // --set PATH=VALUE, in their order
  Settings trial;                       // as given, overrides applied, no defaults
  std::map<std::string, Place> places;  // of every path of `trial`; "" is `trial` itself
  std::vector<Axis> axes;  // product axes in order, then zip entries; the first varies slowest
  std::vector<Exclusion> exclusions;
  std::vector<std::string> claims;
};

// Reads and checks a grid file against the plugins' own descriptions: every trial that it spans.
// Every mistake is one Error with where = "file:line:column". `claims` are the names that the
// program knows.
Result<Grid> read_grid(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                       const Catalogue& catalogue, const std::vector<std::string>& claims);
// The same for text that is already here; `file` is its name in messages.
Result<Grid> grid_from(const std::string& text, const std::string& file,
                       const std::filesystem::path& folder,
                       const std::vector<std::string>& overrides, const Catalogue& catalogue,
                       const std::vector<std::string>& claims);

// The complete settings of one trial (core/README.md): `given` with every default filled in,
// numbers in the type that their key asks for, text checked. The errors' places are paths
// ("model.dim"). Resolving what is resolved changes nothing. Pure.
Result<Settings> resolve(const Settings& given, const Catalogue& catalogue);

}  // namespace attnlab

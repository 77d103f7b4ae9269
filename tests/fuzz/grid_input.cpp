// grid_input.cpp: any text as a grid file. It becomes a plan or mistakes with their places; a
// plan's settings are a fixed point, in memory and as YAML.
#include <cstdint>
#include <fstream>
#include <regex>

#include "catalogue_data.hpp"
#include "claim.hpp"
#include "grid/grid.hpp"
#include "grid/tree.hpp"
#include "plan/plan.hpp"
#include "plan/text.hpp"

namespace attnlab::fuzz {
namespace {

const Catalogue& catalogue() {
  static const Catalogue all = [] {
    std::ifstream in(ATTNLAB_FUZZ_CATALOGUE);
    return from_data(Settings::parse(in));
  }();
  return all;
}

// "g.yaml:LINE:COLUMN" inside the text, or "--set ...".
void check_place(const Error& error, const std::string& text) {
  claim(!error.what.empty(), "every mistake says what is wrong");
  if (error.where.starts_with("--set ")) return;
  static const std::regex form("g\\.yaml:([0-9]+):([0-9]+)");
  std::smatch found;
  claim(std::regex_match(error.where, found, form),
        "every mistake has file:line:column, not '" + error.where + "': " + sentence(error));
  const auto n_lines =
      1 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  claim(std::stol(found[1]) >= 1 && std::stol(found[1]) <= n_lines + 1,
        "the line is in the file: " + error.where);
  claim(std::stol(found[2]) >= 1 && std::stol(found[2]) <= static_cast<long>(text.size()) + 1,
        "the column is in the file: " + error.where);
}

void check_errors(const Errors& errors, const std::string& text) {
  claim(!errors.empty(), "what is no grid has a mistake");
  for (const Error& error : errors) check_place(error, text);
}

double size_of(const Grid& grid) {
  double n = 1;
  for (const Axis& axis : grid.axes) n *= static_cast<double>(axis.values.size());
  return n;
}

void check_settings(const Settings& settings) {
  const auto again = resolve(settings, catalogue());
  claim(static_cast<bool>(again), "resolved settings resolve");
  claim(canonical(*again) == canonical(settings), "resolving twice changes nothing");
  Mistakes mistakes;
  const auto tree = read_tree(to_yaml(settings), mistakes);
  claim(tree && mistakes.empty(), "settings as YAML can be read");
  claim(canonical(to_settings(*tree, mistakes)) == canonical(settings),
        "settings as YAML read back to themselves");
}

void read(const std::string& text, const std::vector<std::string>& overrides) {
  auto grid = grid_from(text, "g.yaml", "/tmp", overrides, catalogue(), {"two_phases"});
  if (!grid) return check_errors(grid.errors(), text);
  if (size_of(*grid) > 2000) return;  // good, and long to write down
  const auto plan = Plan::make(*std::move(grid), catalogue());
  if (!plan) return check_errors(plan.errors(), text);
  if (plan->size() == 0) return;
  check_settings(plan->settings(0));
  check_settings(plan->settings(plan->size() - 1));
}

}  // namespace
}  // namespace attnlab::fuzz

// Lines "#!set PATH=VALUE" at the front of the input are overrides, the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> overrides;
  constexpr std::string_view mark = "#!set ";
  while (text.starts_with(mark) && overrides.size() < 4) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    overrides.push_back(text.substr(mark.size(), end - mark.size()));
    text.erase(0, std::min(end + 1, text.size()));
  }
  attnlab::fuzz::read(text, overrides);
  return 0;
}

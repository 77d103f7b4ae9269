// mistakes.hpp: the mistakes of one grid file, gathered while it is read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "grid/grid.hpp"

namespace attnlab {

class Mistakes {
 public:
  void add(Mark mark, std::string what, std::string hint = "");
  bool empty() const { return places_.empty(); }

  // Each once, in the order of the file; those of --set come first. Of one place five are told, and
  // that there are more.
  Errors errors(const std::string& file, const std::vector<std::string>& overrides) const;

 private:
  using Sentences = std::set<std::pair<std::string, std::string>>;  // what, hint
  std::map<Mark, Sentences> places_;
};

}  // namespace attnlab

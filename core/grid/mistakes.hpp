// mistakes.hpp: the mistakes of one grid file, gathered while it is read.
#pragma once

#include <string>
#include <vector>

#include "grid/grid.hpp"

namespace attnlab {

class Mistakes {
 public:
  void add(Mark mark, std::string what, std::string hint = "");
  bool empty() const { return list_.empty(); }

  // Each once, in the order of the file. A place that has more than five says how many more there
  // are.
  Errors errors(const std::string& file, const std::vector<std::string>& overrides) const;

 private:
  struct Mistake {
    Mark mark;
    std::string what;
    std::string hint;
    auto operator<=>(const Mistake&) const = default;
  };
  std::vector<Mistake> list_;
};

}  // namespace attnlab

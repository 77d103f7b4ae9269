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
  void add(const Mistakes& others);
  bool empty() const { return places_.empty(); }
  // Mistakes that will not be told, because their places have enough. Beyond `enough_left_out`
  // nobody need look for more: a swept value that is always wrong is as wrong a million times.
  std::size_t left_out() const { return left_out_; }
  static constexpr std::size_t enough_left_out = 10'000;

  // Each once, in the order of the file; those of --set come first. Of one place five are told, and
  // that there are more.
  Errors errors(const std::string& file, const std::vector<std::string>& overrides) const;

 private:
  using Sentences = std::set<std::pair<std::string, std::string>>;  // what, hint
  std::map<Mark, Sentences> places_;
  std::size_t left_out_ = 0;
};

}  // namespace attnlab

// combinations.hpp: all combinations of a grid's axes, each part of the settings resolved once for
// the values that matter to it.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/catalogue.hpp"
#include "grid/fields.hpp"
#include "grid/grid.hpp"
#include "grid/mistakes.hpp"

namespace attnlab {

class Combinations {
 public:
  Combinations(const Grid& grid, const Catalogue& catalogue);

  // The chosen value of each axis; starts at the first ones.
  std::span<const std::size_t> choice() const { return choice_; }
  bool next();  // the last axis fastest; false after the last combination
  bool is_excluded() const;

  // canonical(resolved settings) of this combination. Its mistakes are added, each part's once.
  void canonical_text(std::string& out, Mistakes& mistakes);
  // The parts of a trial in which canonical_text has met a mistake so far.
  const std::set<std::string>& faulty() const { return faulty_; }

 private:
  struct Part {
    std::string name;
    std::vector<std::size_t> axes;  // that touch it
    std::unordered_map<std::uint64_t, std::string> texts;
    std::string uncached;
  };

  const std::string& text_of(Part& part, Mistakes& mistakes);
  std::string resolve(const Part& part, Mistakes& mistakes);
  void report(const Complaint& complaint, Mistakes& mistakes) const;
  Mark locate(const Complaint& complaint) const;
  bool is_swept(const std::string& path) const;

  const Grid& grid_;
  const Catalogue& catalogue_;
  std::set<std::string> faulty_;
  std::vector<std::size_t> choice_;
  std::vector<Part> parts_;
  std::vector<std::vector<std::vector<bool>>>
      excluded_;  // [exclusion][axis][value]; no values: the axis does not matter
};

// The first keys of all paths, those of the sweep included: each must be a part of a trial.
void check_first_keys(const Grid& grid, Mistakes& mistakes);

// Every mistake in the settings of any trial of `grid`, and in the swept paths themselves. Answers
// the parts of a trial in which there is one: all, if it is not known which trials there are.
std::set<std::string> check_trials(const Grid& grid, const Catalogue& catalogue,
                                   Mistakes& mistakes);

}  // namespace attnlab

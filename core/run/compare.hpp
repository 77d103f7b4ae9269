// compare.hpp: are stored numbers the same bits? NaN equals NaN of the same bits, 0 is not -0.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/reader.hpp"

namespace attnlab {

struct Compared {
  std::string dataset;
  Index n = 0;             // numbers or texts
  std::string difference;  // the first one, where and both values; empty: equal
};

// The numbers or texts of `dataset`; texts only if there is a `row`, then that of the first axis.
struct Column {
  std::optional<Array> numbers;
  std::vector<std::string> texts;
};
Result<Column> column(const Results& results, const std::string& dataset,
                      std::optional<Index> row = std::nullopt);

Compared compare(const std::string& dataset, const Column& a, const Column& b);

// The attributes of `paths` (in a, in b), which both have, in one row.
Result<Compared> compare_attributes(const Results& a, const Results& b,
                                    const std::vector<std::pair<std::string, std::string>>& paths);

// All datasets outside /provenance, by name, then all attributes there; datasets that only one has
// differ.
Result<std::vector<Compared>> compare_results(const Results& a, const Results& b);

// How many differ.
Index n_different(const std::vector<Compared>& all);

}  // namespace attnlab

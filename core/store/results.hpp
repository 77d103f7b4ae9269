// results.hpp: reading a results.h5, for mark_done, verify and tables. Throws h5::Failure.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/h5.hpp"
#include "store/store.hpp"

namespace attnlab {

// Name under which a run directory keeps its results, and the columns of /trials that are always
// there.
inline constexpr const char* results_name = "results.h5";
bool is_fixed_column(const std::string& name);

template <class Value>
std::vector<Value> numbers_of(const h5::Handle& group, const std::string& name, h5::Kind kind) {
  const h5::Handle dataset = h5::open_dataset(group, name);
  const Index n = h5::sizes_of(dataset).front();
  std::vector<Value> out(static_cast<std::size_t>(n));
  h5::read_rows(dataset, kind, 0, n, out.data());
  return out;
}
std::vector<std::string> texts_of(const h5::Handle& group, const std::string& name);

struct ResultsSummary {
  std::vector<std::string> ids;
  std::vector<std::int8_t> status;
  std::int64_t planned = 0;
  std::string fingerprint;  // of the grid it was built for
};
ResultsSummary summary_of(const h5::Handle& results);

}  // namespace attnlab

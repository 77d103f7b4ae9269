// records.hpp: what one trial leaves behind, as named arrays over named axes. The trial axis itself
// is added by store.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "base/index.hpp"

namespace attnlab {

// An axis and its scale: steps, indices or names, one label a position.
struct RecordAxis {
  std::string name;  // "record", "group", "matrix", "query", ...
  std::variant<std::vector<std::int64_t>, std::vector<std::string>> labels;
  std::string long_name;
  std::string unit = "1";

  Index size() const {
    return std::visit([](const auto& v) { return static_cast<Index>(v.size()); }, labels);
  }
  bool operator==(const RecordAxis&) const = default;
};

// One array: row-major over its axes. Numbers that were not reached are NaN.
struct Series {
  std::string name;  // "loss", "grad_norm", "attention", "parameter_W_Q", "data_tokens", ...
  std::vector<std::string> axes;
  std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
               std::vector<std::int32_t>>
      values;
  std::string long_name;
  std::string unit = "1";
};

struct Records {
  std::vector<RecordAxis> axes;
  std::vector<Series> series;
  double final_loss =
      std::numeric_limits<double>::quiet_NaN();  // at the last record that was reached
  double final_accuracy = std::numeric_limits<double>::quiet_NaN();
  std::int64_t steps = 0;       // updates that were made
  std::int64_t parameters = 0;  // numbers in the model

  bool empty() const { return series.empty(); }
};

}  // namespace attnlab

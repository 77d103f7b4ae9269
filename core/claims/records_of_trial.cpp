// records_of_trial.cpp: looks up arrays and scales by name.
#include "claims/records_of_trial.hpp"

#include <algorithm>

namespace attnlab {

const RecordAxis* RecordsOfTrial::axis(const std::string& name) const {
  const auto found = std::ranges::find(records_.axes, name, &RecordAxis::name);
  return found == records_.axes.end() ? nullptr : &*found;
}

std::optional<RecordedArray> RecordsOfTrial::series(const std::string& name) const {
  const auto found = std::ranges::find(records_.series, name, &Series::name);
  if (found == records_.series.end()) return std::nullopt;
  RecordedArray out;
  for (const std::string& each : found->axes) {
    const RecordAxis* const one = axis(each);
    out.shape.push_back(one ? one->size() : 1);
  }
  std::visit([&](const auto& values) { out.values.assign(values.begin(), values.end()); },
             found->values);
  return out;
}

std::vector<double> RecordsOfTrial::scale(const std::string& name) const {
  const RecordAxis* const one = axis(name);
  if (!one || one->labels.index() != 0) return {};
  const auto& numbers = std::get<std::vector<std::int64_t>>(one->labels);
  return {numbers.begin(), numbers.end()};
}

std::vector<std::string> RecordsOfTrial::labels(const std::string& name) const {
  const RecordAxis* const one = axis(name);
  return one && one->labels.index() == 1 ? std::get<std::vector<std::string>>(one->labels)
                                         : std::vector<std::string>{};
}

}  // namespace attnlab

// planner.hpp: puts axes and series into the plan of a trial's records.
#pragma once

#include <utility>

#include "observe/record_plan.hpp"

namespace attnlab {

class Planner {
 public:
  explicit Planner(RecordPlan& plan) : plan_(plan) {}

  template <class Labels>  // std::vector<std::int64_t> or std::vector<std::string>
  void axis(const std::string& name, Labels labels, const std::string& long_name,
            const std::string& unit = "1") {
    plan_.axes.push_back({name, std::move(labels), long_name, unit});
  }
  void series(const std::string& name, std::vector<std::string> axes, const std::string& long_name,
              NumberType type = NumberType::float64, const std::string& unit = "1") {
    plan_.series.push_back({name, std::move(axes), type, long_name, unit});
  }

 private:
  RecordPlan& plan_;
};

std::vector<std::int64_t> counted(Index n);  // 0, 1, ..., n - 1

}  // namespace attnlab

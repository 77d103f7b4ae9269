// examine.hpp: can the waiting trials be trained here, and what will they cost?
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/plugins.hpp"
#include "plan/plan.hpp"
#include "schedule/width.hpp"
#include "train/train.hpp"

namespace attnlab {

// Of one trial: its estimate, with the bytes of its records, and the operations of one of its
// steps.
struct Examined {
  Estimate estimate;
  double flops_per_step = 0;
};

// Makes what the trial `settings` consists of. `folder`: of the grid file.
Result<Examined> examine_one(const Settings& settings, const Plugins& plugins,
                             const std::filesystem::path& folder, TaskCache& cache);

// What the task of the trial read, in words; "" if it reads nothing.
std::string task_report(const Settings& settings, const Plugins& plugins,
                        const std::filesystem::path& folder, TaskCache& cache);

// One for each of `trials`, in their order, as `look` sees them. Trials that differ in seed only
// are examined once. Fails with every mistake, each once; a trial that cannot fit into `memory`
// bytes is one.
constexpr double most_memory = 0x1p46;  // 64 TiB: what no machine goes beyond
using Look = std::function<Result<Examined>(const Settings& settings)>;
Result<std::vector<Examined>> examine_all(const Plan& plan, std::span<const Index> trials,
                                          double memory, const Look& look);
// In this process.
Result<std::vector<Examined>> examine_all(const Plan& plan, const Plugins& plugins,
                                          std::span<const Index> trials, double memory);

std::vector<TrialCost> costs_of(std::span<const Examined> trials);

}  // namespace attnlab

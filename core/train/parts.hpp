// parts.hpp: what a trial is put together from, before its first number is computed.
#pragma once

#include <memory>

#include "train/gradient.hpp"
#include "train/rates.hpp"
#include "train/task_cache.hpp"

namespace attnlab {

struct Parts {
  std::shared_ptr<Source> source;
  ModelShape shape;
  ParameterLayout layout;
  Kernel kernel;
  std::vector<attnlab_block> blocks;     // the trained matrices; names lie in `layout`
  std::unique_ptr<Optimizer> optimizer;  // null if nothing is trained
  Schedule schedule;
  Clip clip;
  std::vector<double> rates;  // [block]
};

// Fails with all that is wrong with these settings. The Parts do not move: pointers into them live
// in plugins.
Result<std::unique_ptr<Parts>> make_parts(const Settings& trial, const Plugins& plugins,
                                          const std::filesystem::path& folder, TaskCache* cache);

}  // namespace attnlab

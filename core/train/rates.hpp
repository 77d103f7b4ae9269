// rates.hpp: the learning rate of every matrix at every update. Pure.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "base/settings.hpp"
#include "model/shape.hpp"

namespace attnlab {

// `optimizer.schedule` as numbers (core/README.md).
struct Schedule {
  enum class Shape { constant, warm_up, cosine, one_cycle };
  Shape shape = Shape::constant;
  double warm_up = 0;  // updates; NaN: a share of all, 0.3 for one_cycle, 0.1 for warm_up
  double start_factor = 0, final_factor = 0;
  bool cycle_momentum = false;

  double n_warm_up(std::int64_t n) const;  // updates of n

  // Of update s of n, counted from 0, against the learning rate that was asked for.
  //   warm_up    PyTorch's LinearLR: 1 is reached at update warm_up.
  //   cosine     that warm-up, then CosineAnnealingLR(T_max = n - warm_up): update n, the first
  //   that is not made, would have final_factor.
  //   one_cycle  OneCycleLR with anneal_strategy linear and pct_start = warm_up / n: 1 is reached
  //   at update warm_up - 1.
  double factor(std::int64_t s, std::int64_t n) const;
  double momentum(std::int64_t s, std::int64_t n) const;  // NaN: the optimizer's own
};

Result<Schedule> schedule_of(const Settings& optimizer);

// The learning rate of every trained block, schedule not included. Fails if a name is not that of a
// trained matrix (with or without its layer), or a block has no rate.
// {jacobian: c}: c for every block, to be divided by lambda_max(J J^T) at the start of the trial
// (arXiv 2411.07538; c = 0.5 is half the largest stable step of the linearised model).
bool wants_jacobian(const Settings& optimizer);
Result<std::vector<double>> learning_rates(const Settings& optimizer,
                                           const ParameterLayout& layout);

}  // namespace attnlab

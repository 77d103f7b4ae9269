// view.cpp: validation, attention and parameters, computed when they are asked for.
#include "train/view.hpp"

#include <algorithm>
#include <limits>

namespace attnlab {

template <class S>
const Evaluation& RunningTrial<S>::View::validation() {
  if (validation_) return *validation_;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  validation_ = Evaluation{nan, nan};
  if (!trial_.validation_) return *validation_;
  auto made =
      trial_.evaluator_(*trial_.validation_, trial_.parameters_.data(), {}, {.step = trial_.step_});
  if (made) {
    validation_ = *made;
  } else {
    failure_ = made.errors();
  }
  return *validation_;
}

template <class S>
Result<Done> RunningTrial<S>::View::draw_samples(std::span<const Index> samples, Samples<S>& into) {
  const Samples<S>& all = trial_.batches_.all();
  SampleBuffer buffer(trial_.task_);
  for (const Index i : samples) {
    if (all.n > 0) {
      into.append(all, i, trial_.task_);
    } else if (auto drawn =
                   draw(trial_.parts_.source->task(), ATTNLAB_SPLIT_TRAIN, i, buffer, into);
               !drawn) {
      return drawn;
    }
  }
  return Done{};
}

template <class S>
std::vector<float> RunningTrial<S>::View::attention(std::span<const Index> samples) {
  const ModelShape& shape = trial_.parts_.shape;
  const Index n = static_cast<Index>(samples.size()), n_heads = shape.layers * shape.heads;
  const Index n_keys = n_snapshot_keys(trial_.task_);
  const Index map = (shape.last_query_only ? 1 : n_keys) * n_keys;
  std::vector<float> out(static_cast<std::size_t>(n_heads * n * map),
                         std::numeric_limits<float>::quiet_NaN());
  std::vector<float> one(static_cast<std::size_t>(n_heads * map));
  Samples<S> drawn;
  if (auto made = draw_samples(samples, drawn); !made) {
    failure_ = made.errors();
    return out;
  }
  Workspace<S>& workspace = trial_.evaluator_.workspace();
  workspace.keeps_heads = true;
  for (Index i = 0; i < n; ++i) {
    const Batch<S> batch = drawn.batch(i, i + 1, trial_.task_);
    auto passed =
        trial_.model_.pass(batch, trial_.parameters_.data(), {}, 0, false, trial_.step_, workspace);
    if (!passed) failure_ = passed.errors();
    if (!passed) return out;
    auto weighed = trial_.model_.attention(batch, 0, n_keys, workspace, one);
    if (!weighed) failure_ = weighed.errors();
    if (!weighed) return out;
    for (Index h = 0; h < n_heads; ++h)
      std::copy_n(one.begin() + h * map, map, out.begin() + (h * n + i) * map);
  }
  return out;
}

template <class S>
std::vector<double> RunningTrial<S>::View::parameter(const ParameterBlock& block) const {
  const S* const begin = trial_.parameters_.data() + block.offset;
  return {begin, begin + block.size()};
}

template <class S>
std::vector<double> RunningTrial<S>::View::gradient(const ParameterBlock& block) const {
  if (!block.trained) return std::vector<double>(static_cast<std::size_t>(block.size()), 0.0);
  const S* const begin = trial_.gradient_.data() + block.offset;
  return {begin, begin + block.size()};
}

template class RunningTrial<float>::View;
template class RunningTrial<double>::View;

}  // namespace attnlab

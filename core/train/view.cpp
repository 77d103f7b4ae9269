// view.cpp: validation, attention and parameters, computed when they are asked for.
#include "train/view.hpp"

#include <algorithm>
#include <limits>

#include "train/jacobian.hpp"
#include "train/top_eigenvalues.hpp"

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

// An evaluation of its own, without the answers: one that keeps the attention may add in another
// order, and validation_loss shall not depend on who asks for what.
template <class S>
std::vector<double> RunningTrial<S>::View::validation_entropy() {
  if (!trial_.validation_) return {};
  auto made = trial_.evaluator_(*trial_.validation_, trial_.parameters_.data(), {},
                                {.entropy = true, .answers = false});
  if (!made) failure_ = made.errors();
  return trial_.evaluator_.entropy();
}

template <class S>
Result<Done> RunningTrial<S>::View::draw_samples(int split, std::span<const Index> samples,
                                                 Samples<S>& into) {
  const Samples<S>& all =
      split == ATTNLAB_SPLIT_VALIDATION ? *trial_.validation_ : trial_.batches_.all();
  SampleBuffer buffer(trial_.task_);
  for (const Index i : samples) {
    if (all.n > 0) {
      into.append(all, i, trial_.task_);
    } else if (auto drawn = draw(trial_.parts_.source->task(), split, i, buffer, into); !drawn) {
      return drawn;
    }
  }
  return Done{};
}

template <class S>
template <class Out>
std::vector<Out> RunningTrial<S>::View::maps(int split, std::span<const Index> samples) {
  const ModelShape& shape = trial_.parts_.shape;
  const Index n = static_cast<Index>(samples.size()), n_heads = shape.layers * shape.heads;
  const Index n_keys = n_snapshot_keys(trial_.task_);
  const Index map = (shape.last_query_only ? 1 : n_keys) * n_keys;
  std::vector<Out> out(static_cast<std::size_t>(n_heads * n * map),
                       std::numeric_limits<Out>::quiet_NaN());
  std::vector<Out> one(static_cast<std::size_t>(n_heads * map));
  Samples<S> drawn;
  if (auto made = draw_samples(split, samples, drawn); !made) {
    failure_ = made.errors();
    return out;
  }
  Workspace<S>& workspace = trial_.evaluator_.workspace();
  workspace.keeps_heads = true;
  for (Index i = 0; i < n; ++i) {
    const Batch<S> batch = drawn.batch(i, i + 1, trial_.task_);
    auto passed = trial_.model_.pass_to_attention(batch, trial_.parameters_.data(), workspace);
    if (!passed) failure_ = passed.errors();
    if (!passed) return out;
    auto weighed = trial_.model_.attention(batch, 0, n_keys, workspace, std::span<Out>(one));
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

template <class S>
std::vector<double> RunningTrial<S>::View::jacobian() {
  auto made = attnlab::jacobian(trial_.model_, trial_.batches_.all(), trial_.task_,
                                trial_.parts_.layout.n_trained, trial_.parameters_.data(),
                                trial_.evaluator_.workspace());
  if (!made) {
    failure_ = made.errors();
    return {};
  }
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = *made;
  return {rows.data(), rows.data() + rows.size()};
}

// `asked_` has the fixed matrices behind the trained ones, and is written anew before each use.
template <class S>
std::vector<double> RunningTrial<S>::View::hessian_times(std::span<const double> v) {
  const std::span<S> w = trial_.trained();
  AlignedVector<S> gradient(w.size());
  const VectorMap gradient_at = [&](std::span<const double> at,
                                    std::span<double> out) -> Result<Done> {
    std::transform(at.begin(), at.end(), trial_.asked_.begin(),
                   [](double x) { return static_cast<S>(x); });
    const auto made = trial_.evaluate(trial_.asked_.data(), gradient, {});
    if (!made) return made.errors();
    std::copy(gradient.begin(), gradient.end(), out.begin());
    return Done{};
  };
  const std::vector<double> here(w.begin(), w.end());
  std::vector<double> out(w.size());
  if (auto made = attnlab::hessian_times(gradient_at, here, v, out); !made) {
    failure_ = made.errors();
    return {};
  }
  return out;
}

template <class S>
double RunningTrial<S>::View::learning_rate(const ParameterBlock& block) const {
  const double factor = trial_.parts_.schedule.factor(trial_.step_, trial_.n_steps_);
  for (std::size_t b = 0; b < trial_.parts_.blocks.size(); ++b) {
    if (trial_.parts_.blocks[b].offset == block.offset && block.trained)
      return trial_.parts_.rates[b] * factor;
  }
  return 0;
}

template class RunningTrial<float>::View;
template class RunningTrial<double>::View;

}  // namespace attnlab

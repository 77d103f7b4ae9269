// evaluate.cpp: blocks of samples on threads, sums in block order.
#include "train/evaluate.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "train/in_hand.hpp"

namespace attnlab {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Index ceil_of(Index a, Index b) { return (a + b - 1) / b; }

// Runs work(0) .. work(n - 1), on other threads of the arena too, but never work of another trial
// in between.
template <class Work>
void side_by_side(Index n, const Work& work) {
  if (n == 1) return work(Index{0});
  const auto for_this_trial = [&work, trial = trial_in_hand()](Index i) {
    const InHand hand(trial);
    work(i);
  };
  tbb::this_task_arena::isolate(
      [&] { tbb::parallel_for(Index{0}, n, for_this_trial, tbb::simple_partitioner{}); });
}

}  // namespace

Index n_blocks_of(Index n_samples, double flops_per_sample, Index n_trained) {
  constexpr double worth = 1e8;      // operations: a few milliseconds of one core
  constexpr double sum_weight = 64;  // adding one number of a gradient, in operations
  constexpr double most_bytes = 1024.0 * 1024 * 1024;
  const double trained = static_cast<double>(std::max<Index>(n_trained, 1));
  const double by_work = std::ceil(static_cast<double>(n_samples) * flops_per_sample /
                                   std::max(worth, sum_weight * trained));
  const double by_memory = std::max(8.0, most_bytes / (8 * trained));
  const double n = std::min({by_work, by_memory, 64.0, static_cast<double>(n_samples)});
  return std::max<Index>(static_cast<Index>(n), 1);
}

template <class S>
Evaluator<S>::Evaluator(const Model<S>& model, const ModelShape& shape, const TaskShape& task,
                        const ParameterLayout& layout, int n_threads, const std::atomic<bool>& stop)
    : model_(&model),
      task_(&task),
      stop_(&stop),
      n_threads_(std::max(n_threads, 1)),
      squared_(shape.loss == Loss::squared),
      n_trained_(layout.n_trained),
      n_heads_(shape.layers * shape.heads),
      flops_per_sample_(trial_size(shape, layout, task).flops_per_sample) {}

template <class S>
void Evaluator<S>::expect(Index n_samples, Index longest) {
  const Index n_blocks = n_blocks_of(n_samples, flops_per_sample_, n_trained_);
  const Index in_block = ceil_of(n_samples, n_blocks);
  block_samples_ = std::max(block_samples_, in_block);
  block_tokens_ = std::max(block_tokens_, in_block * longest);
  longest_ = std::max(longest_, longest);
  most_blocks_ = std::max(most_blocks_, n_blocks);
  most_samples_ = std::max(most_samples_, n_samples);
}

template <class S>
void Evaluator<S>::make_room() {
  const Index n_runners = std::min<Index>(n_threads_, most_blocks_);
  workspaces_.clear();
  for (Index r = 0; r < n_runners; ++r) {
    workspaces_.push_back(model_->workspace(block_samples_, block_tokens_, longest_, true));
  }
  // One thread adds each block before the next one starts, and needs a single buffer for it.
  const Index n_buffers = n_runners == 1 ? std::min<Index>(most_blocks_ - 1, 1) : most_blocks_ - 1;
  buffers_.assign(at(n_buffers * n_trained_), S(0));
  blocks_.resize(at(most_blocks_));
  sample_loss_.resize(at(most_samples_));
  entropy_.resize(at(most_blocks_ * n_heads_));
}

template <class S>
void Evaluator<S>::pass(Index b, const Samples<S>& samples, const S* parameters,
                        std::span<S> gradient, Wanted wanted, double scale,
                        Workspace<S>& workspace) {
  const Index begin = samples.n * b / n_blocks_, end = samples.n * (b + 1) / n_blocks_;
  const Batch<S> batch = samples.batch(begin, end, *task_);
  Block& block = blocks_[at(b)];
  block.errors.clear();
  std::fill(gradient.begin(), gradient.end(), S(0));
  double* const sample_loss = wanted.samples ? sample_loss_.data() + begin : nullptr;
  workspace.keeps_heads = wanted.entropy;
  if (wanted.answers) {
    auto result = model_->pass(batch, parameters, gradient, scale, wanted.training, wanted.step,
                               workspace, sample_loss);
    if (result) block.sum = *result;
    if (!result) block.errors = result.errors();
  } else {
    auto result = model_->pass_to_attention(batch, parameters, workspace);
    block.sum = {};
    if (!result) block.errors = result.errors();
  }
  if (!block.errors.empty()) return;
  if (!wanted.entropy) return;
  const std::span<double> entropy{entropy_.data() + b * n_heads_, at(n_heads_)};
  std::fill(entropy.begin(), entropy.end(), 0.0);
  block.n_queries = 0;
  for (Index i = 0; i < batch.n_samples; ++i) {
    const auto n_queries = model_->entropy(batch, i, workspace, entropy);
    if (!n_queries) {
      block.errors = n_queries.errors();
      return;
    }
    block.n_queries += *n_queries;
  }
}

template <class S>
Result<Evaluation> Evaluator<S>::operator()(const Samples<S>& samples, const S* parameters,
                                            std::span<S> gradient, Wanted wanted) {
  n_blocks_ = n_blocks_of(samples.n, flops_per_sample_, n_trained_);
  const double scale =
      squared_ ? 1.0 : 1.0 / static_cast<double>(std::max<Index>(samples.terms(0, samples.n), 1));
  const Index n_runners = std::min<Index>(static_cast<Index>(workspaces_.size()), n_blocks_);
  const bool adds = !gradient.empty();
  const auto add = [&](std::span<const S> part, Index from, Index to) {
    for (Index i = from; i < to; ++i) gradient[at(i)] += part[at(i)];
  };
  if (n_runners == 1) {
    for (Index b = 0; b < n_blocks_ && !stop_->load(std::memory_order_relaxed); ++b) {
      const std::span<S> part = !adds ? gradient : b == 0 ? gradient : buffer(0);
      pass(b, samples, parameters, part, wanted, scale, *workspaces_.front());
      if (adds && b > 0) add(part, 0, n_trained_);
    }
  } else {
    std::atomic<Index> next{0};
    side_by_side(n_runners, [&](Index runner) {
      for (Index b;
           (b = next.fetch_add(1)) < n_blocks_ && !stop_->load(std::memory_order_relaxed);) {
        const std::span<S> part = !adds ? gradient : b == 0 ? gradient : buffer(b - 1);
        pass(b, samples, parameters, part, wanted, scale, *workspaces_[at(runner)]);
      }
    });
    if (adds) {
      side_by_side(n_runners, [&](Index piece) {
        const Index from = n_trained_ * piece / n_runners,
                    to = n_trained_ * (piece + 1) / n_runners;
        for (Index b = 1; b < n_blocks_; ++b) add(buffer(b - 1), from, to);
      });
    }
  }

  PassResult sum;
  for (Index b = 0; b < n_blocks_; ++b) {
    const Block& block = blocks_[at(b)];
    if (!block.errors.empty()) return block.errors;
    sum.loss += block.sum.loss;
    sum.n_terms += block.sum.n_terms;
    sum.n_correct += block.sum.n_correct;
  }
  const double n_terms = static_cast<double>(std::max<Index>(sum.n_terms, 1));
  if (squared_) return Evaluation{sum.loss, std::numeric_limits<double>::quiet_NaN()};
  return Evaluation{sum.loss / n_terms, static_cast<double>(sum.n_correct) / n_terms};
}

template <class S>
std::vector<double> Evaluator<S>::entropy() const {
  std::vector<double> out(at(n_heads_), 0.0);
  Index n_queries = 0;
  for (Index b = 0; b < n_blocks_; ++b) {
    for (Index h = 0; h < n_heads_; ++h) out[at(h)] += entropy_[at(b * n_heads_ + h)];
    n_queries += blocks_[at(b)].n_queries;
  }
  for (double& e : out) e /= static_cast<double>(n_queries);
  return out;
}

template <class S>
double Evaluator<S>::bytes() const {
  return static_cast<double>(buffers_.size() * sizeof(S));
}

template class Evaluator<float>;
template class Evaluator<double>;

}  // namespace attnlab

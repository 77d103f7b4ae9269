// evaluate.hpp: loss and gradient of a batch, cut into blocks that run side by side and are added
// in block order.
//
// The number of blocks follows from sizes alone, so the bits are the same on any number of threads.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "model/model.hpp"
#include "model/workspace.hpp"
#include "train/aligned.hpp"
#include "train/samples.hpp"

namespace attnlab {

// How many blocks a batch of n_samples is cut into. A block is worth about 1e8 operations, and
// enough of them to outweigh adding its gradient of n_trained numbers; at most 64, at most one a
// sample, and their gradients fit 1 GiB.
Index n_blocks_of(Index n_samples, double flops_per_sample, Index n_trained);

// What an evaluation shall bring besides loss and gradient.
struct Wanted {
  bool training = false;  // dropout is on
  bool samples = false;   // sample_loss()
  bool entropy = false;   // entropy()
  bool answers = true;    // false: no loss and no gradient, only entropy()
  Index step = 0;         // for dropout's random numbers
};

struct Evaluation {
  double loss = 0;      // the mean, or half the sum for the squared loss
  double accuracy = 0;  // NaN for the squared loss
};

template <class S>
class Evaluator {
 public:
  // `stop` ends an evaluation between two blocks; its answer is then of no use.
  Evaluator(const Model<S>& model, const ModelShape& shape, const TaskShape& task,
            const ParameterLayout& layout, int n_threads, const std::atomic<bool>& stop);

  // Makes room for batches of n_samples samples that hold at most `longest` tokens each. Before the
  // first evaluation.
  void expect(Index n_samples, Index longest);
  void make_room();

  // Fails if the kernel fails. `gradient` [n_trained] is overwritten; empty: forward only.
  // Allocates nothing.
  Result<Evaluation> operator()(const Samples<S>& samples, const S* parameters,
                                std::span<S> gradient, Wanted wanted);

  std::span<const double> sample_loss() const {
    return sample_loss_;
  }  // [sample] of the last evaluation
  std::vector<double> entropy()
      const;  // [layer][head] of the last evaluation, mean over its valid queries
  Workspace<S>& workspace() { return *workspaces_.front(); }  // has room for any single sample
  double bytes() const;

 private:
  struct Block {
    PassResult sum;
    Index n_queries = 0;
    Errors errors;
  };
  void pass(Index b, const Samples<S>& samples, const S* parameters, std::span<S> gradient,
            Wanted wanted, double scale, Workspace<S>& workspace);
  std::span<S> buffer(Index i) {
    return {buffers_.data() + i * n_trained_, static_cast<std::size_t>(n_trained_)};
  }

  const Model<S>* model_;
  const TaskShape* task_;
  const std::atomic<bool>* stop_;
  int n_threads_;
  bool squared_;
  Index n_trained_, n_heads_;
  double flops_per_sample_;
  Index block_samples_ = 0, block_tokens_ = 0, longest_ = 0, most_blocks_ = 1, most_samples_ = 0;
  Index n_blocks_ = 1;                                     // of the batch at hand
  std::vector<std::unique_ptr<Workspace<S>>> workspaces_;  // one a thread
  AlignedVector<S> buffers_;  // gradients of the blocks behind the first
  std::vector<Block> blocks_;
  std::vector<double> sample_loss_, entropy_;  // [sample], [block][layer][head]
};

}  // namespace attnlab

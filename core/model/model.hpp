// model.hpp: the model family, forward and backward by hand, on one block of samples. No threads
// and no I/O of its own; no allocation after a Workspace was made. S is float or double throughout.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "host/plugins.hpp"
#include "model/shape.hpp"

namespace attnlab {

// Fills `parameters` [layout.n] by `model.init` and the seed. Stream of block b: streams::initial +
// 256 * (position of its name), so that a matrix has the same start whatever else is trained. Fails
// if explicit values have the wrong shape.
template <class S>
Result<Done> initialise(const ModelShape& shape, const ParameterLayout& layout,
                        const Settings& trial, std::span<S> parameters);

// Samples as ragged rows: sample i owns tokens first[i] .. first[i+1]-1. Padding is not here at
// all; its only trace is padded_length.
template <class S>
struct Batch {
  Index n_samples = 0;
  const Index* first =
      nullptr;  // [n_samples + 1], first[0] may be any number: pointers below are indexed by it
  const std::int32_t* tokens = nullptr;      // [token], token inputs
  const std::int32_t* positions = nullptr;   // [token]
  const S* weights = nullptr;                // [token], weighted tasks
  const S* inputs = nullptr;                 // [token][dim], dense inputs
  const std::int32_t* target_ids = nullptr;  // [sample] or [token]: class; sign as -1, +1
  const S* targets = nullptr;                // [sample][outputs] or [token][outputs], real targets
  const std::int64_t* sample_number =
      nullptr;  // [sample] number inside its split, for dropout's random numbers
};

// What one pass over a batch adds up. Losses are sums, not means: the caller divides.
struct PassResult {
  double loss = 0;      // sum over samples (cross_entropy with readout tokens: over target tokens);
                        // squared: half the squared error
  Index n_terms = 0;    // what the sum counts
  Index n_correct = 0;  // answers that are right; n_terms of them at most
};

// Sizes everything for at most n_samples samples with n_tokens tokens in all, and max_tokens in the
// longest.
template <class S>
class Workspace;

}  // namespace attnlab

// How to free a Workspace whose inside only this room knows.
template <class S>
struct std::default_delete<attnlab::Workspace<S>> {
  void operator()(attnlab::Workspace<S>* workspace) const;
};

namespace attnlab {

// Borrows `kernel`: it must live as long as the model.
template <class S>
class Model {
 public:
  Model(const ModelShape& shape, const ParameterLayout& layout, const Kernel& kernel,
        const TaskShape& task, std::uint64_t seed);
  Model(Model&&) noexcept;
  ~Model();

  std::unique_ptr<Workspace<S>> workspace(Index n_samples, Index n_tokens, Index max_tokens,
                                          bool for_gradient) const;

  // Forward, loss and, if gradient is not empty, backward: ADDS scale * dloss/dparameters to
  // gradient [n_trained]. sample_loss [n_samples] may be null; it gets each sample's loss (readout
  // tokens: the mean over its target tokens), sample_correct [n_samples] likewise. training:
  // dropout is on and draws from (seed, step, site, sample, position). Fails only if the kernel
  // plugin fails. slaved_decoder: the gradient is the velocity at rate 1, turned round and without
  // `scale`, and the batch holds every class once, in order.
  Result<PassResult> pass(const Batch<S>& batch, const S* parameters, std::span<S> gradient,
                          double scale, bool training, Index step, Workspace<S>& workspace,
                          double* sample_loss = nullptr,
                          std::int8_t* sample_correct = nullptr) const;

  // The first part of a pass without dropout, up to the attention of the last layer: all that
  // attention() and entropy() look at. There are no outputs then.
  Result<Done> pass_to_attention(const Batch<S>& batch, const S* parameters,
                                 Workspace<S>& workspace) const;

  // The model's answers [n_samples or tokens][outputs] of the last pass on this workspace.
  std::span<const S> outputs(const Workspace<S>& workspace) const;

  // Attention weights of sample i of the last pass on this workspace: float or double
  // [layers][heads][queries][keys], queries and keys padded to `padded` (queries: 1 if only the
  // last asks; weighted tasks: key l is token l of the vocabulary). Padded keys get 0, padded
  // queries NaN. Token order is that of the batch.
  Result<Done> attention(const Batch<S>& batch, Index sample, Index padded, Workspace<S>& workspace,
                         std::span<float> out) const;
  Result<Done> attention(const Batch<S>& batch, Index sample, Index padded, Workspace<S>& workspace,
                         std::span<double> out) const;

  // Adds to entropy [layers][heads] the sum over the valid queries of sample i of -sum_j p_j ln p_j
  // with p the weights divided by their sum (natural log; a query with no weight counts as 0);
  // answers the number of queries.
  Result<Index> entropy(const Batch<S>& batch, Index sample, Workspace<S>& workspace,
                        std::span<double> entropy) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// Numbers and operations of a trial, for plan and for the choice between many small trials and one
// large.
struct TrialSize {
  Index parameters = 0;
  double flops_per_sample = 0;  // forward and backward
  double workspace_bytes = 0;   // one thread's
};
TrialSize trial_size(const ModelShape& shape, const ParameterLayout& layout, const TaskShape& task);

}  // namespace attnlab

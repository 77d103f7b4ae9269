// batches.hpp: which samples an update sees.
#pragma once

#include <vector>

#include "base/settings.hpp"
#include "train/samples.hpp"

namespace attnlab {

// `full`: the whole set at every step, in its own order.
// n: each epoch is a permutation of all samples from (seed, epoch), cut into batches of n; the last
//    one holds what is left (PyTorch's DataLoader with shuffle and without drop_last). n above the
//    set's size is the whole set, shuffled.
// Fresh draws (no finite set): update s sees samples s n .. s n + n - 1.
template <class S>
class Batches {
 public:
  // Fails if `batch` is `full` where there is no finite set, or a draw fails.
  static Result<Batches> make(const Settings& trial, Source& source);

  // The samples of update `step`, in no order of steps. Valid until the next call.
  Result<const Samples<S>*> at(Index step);

  bool is_full() const { return n_ == 0; }
  Index largest() const { return largest_; }       // samples of the largest batch
  Index largest_tokens() const;                    // no batch has more
  const Samples<S>& all() const { return *all_; }  // empty for fresh draws
  std::span<const Index> order(Index epoch);       // the permutation of that epoch

 private:
  Batches(Source& source, std::shared_ptr<const Samples<S>> all, Index n, std::uint64_t seed);

  Source* source_;
  std::shared_ptr<const Samples<S>> all_;
  Index n_ = 0;  // 0: full
  Index largest_ = 0;
  std::uint64_t seed_ = 0;
  Index epoch_ = -1;
  std::vector<Index> order_;
  Index held_ = -1;  // the step whose samples `batch_` holds
  Samples<S> batch_;
  SampleBuffer buffer_;
};

}  // namespace attnlab

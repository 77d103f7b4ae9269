// batches.cpp: the whole set, shuffled pieces of it, or fresh draws.
#include "train/batches.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace attnlab {

template <class S>
Result<Batches<S>> Batches<S>::make(const Settings& trial, Source& source) {
  const Settings& batch = trial.at("training").at("batch");
  const bool full = batch.is_string();
  if (full && source.task().shape().n_train == 0) {
    return Error{"training.batch",
                 "the task draws fresh samples at every step, so there is no full batch",
                 "give training.batch a number, or the task a number of samples"};
  }
  auto all = source.split<S>(ATTNLAB_SPLIT_TRAIN);
  if (!all) return all.errors();
  return Batches(source, *all, full ? 0 : batch.get<Index>(),
                 trial.at("seed").get<std::uint64_t>());
}

template <class S>
Batches<S>::Batches(Source& source, std::shared_ptr<const Samples<S>> all, Index n,
                    std::uint64_t seed)
    : source_(&source), all_(std::move(all)), n_(n), seed_(seed), buffer_(source.task().shape()) {
  largest_ = n_ == 0 ? all_->n : all_->n == 0 ? n_ : std::min(n_, all_->n);
  if (n_ == 0) return;
  order_.resize(static_cast<std::size_t>(all_->n));
  batch_.reserve(largest_, source.task().shape());
}

template <class S>
Index Batches<S>::largest_tokens() const {
  if (n_ == 0) return all_->first.back();
  return largest_ * (all_->n == 0 ? source_->task().shape().max_tokens : all_->longest);
}

template <class S>
std::span<const Index> Batches<S>::order(Index epoch) {
  if (epoch != epoch_) {
    random_permutation(seed_, streams::epochs + 256 * static_cast<std::uint64_t>(epoch), order_);
    epoch_ = epoch;
  }
  return order_;
}

template <class S>
Result<const Samples<S>*> Batches<S>::at(Index step) {
  if (n_ == 0) return all_.get();
  if (held_ == step) return &batch_;
  const TaskShape& shape = source_->task().shape();
  held_ = -1;
  batch_.clear();
  if (all_->n == 0) {
    for (Index i = 0; i < n_; ++i) {
      if (auto drawn = draw(source_->task(), ATTNLAB_SPLIT_TRAIN, step * n_ + i, buffer_, batch_);
          !drawn) {
        return drawn.errors();
      }
    }
  } else {
    const Index n_batches = (all_->n + n_ - 1) / n_;
    const std::span<const Index> samples = order(step / n_batches);
    const Index begin = step % n_batches * n_, end = std::min(begin + n_, all_->n);
    for (Index i = begin; i < end; ++i)
      batch_.append(*all_, samples[static_cast<std::size_t>(i)], shape);
  }
  held_ = step;
  return &batch_;
}

template class Batches<float>;
template class Batches<double>;

}  // namespace attnlab

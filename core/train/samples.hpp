// samples.hpp: the samples of a task as ragged arrays, ready to be cut into batches.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/result.hpp"
#include "host/plugins.hpp"
#include "model/model.hpp"

namespace attnlab {

// Samples one behind the other. Sample i owns tokens first[i] .. first[i + 1] - 1.
template <class S>
struct Samples {
  Index n = 0;
  Index longest = 0;  // tokens of the longest sample
  std::vector<Index> first{0};
  std::vector<std::int32_t> tokens, positions;
  std::vector<S> inputs;                 // [token][input_dim]
  std::vector<S> weights;                // [token], weighted tasks
  std::vector<std::int32_t> target_ids;  // [sample] or [token]
  std::vector<S> targets;                // [sample][outputs] or [token][outputs]
  std::vector<std::int32_t> group;       // [sample], -1: none
  std::vector<std::int64_t> number;      // [sample] inside its split
  std::vector<Index> n_terms;            // [sample] what its loss counts: 1, or its target tokens

  void clear();
  void reserve(Index n_samples, const TaskShape& shape);
  // Adds sample i of `other`, which came from the same task.
  void append(const Samples& other, Index i, const TaskShape& shape);
  // Samples [begin, end) as the model wants them.
  Batch<S> batch(Index begin, Index end, const TaskShape& shape) const;
  Index terms(Index begin, Index end) const;
  double bytes() const;
};

// One sample as a task writes it, with room for the longest.
struct SampleBuffer {
  explicit SampleBuffer(const TaskShape& shape);
  attnlab_sample& fresh();  // positions 0, 1, 2, ...; pointers set

  attnlab_sample sample{};
  std::vector<std::int32_t> tokens, positions, target_ids;
  std::vector<double> inputs, targets, weights;
};

// Makes sample `index` of `split` and adds it. Fails if the task fails.
template <class S>
Result<Done> draw(const Task& task, int split, Index index, SampleBuffer& buffer, Samples<S>& into);

// A task and the splits that were made of it so far. Any thread may ask; the first to ask for a
// split makes it.
class Source {
 public:
  explicit Source(Task task) : task_(std::move(task)) {}
  const Task& task() const { return task_; }
  template <class S>
  Result<std::shared_ptr<const Samples<S>>> split(int which);

 private:
  template <class S>
  std::shared_ptr<const Samples<S>>& kept(int which);

  Task task_;
  std::mutex mutex_;
  std::shared_ptr<const Samples<float>> float32_[3];
  std::shared_ptr<const Samples<double>> float64_[3];
};

}  // namespace attnlab

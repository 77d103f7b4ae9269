// samples.cpp: drawing samples, checking what a task answered, and copying them.
#include "train/samples.hpp"

#include <algorithm>
#include <numeric>

namespace attnlab {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

bool has_ids(const TaskShape& shape) { return shape.target != TargetKind::real; }

// How many targets a sample of n tokens has.
Index n_targets(const TaskShape& shape, Index n_tokens) {
  return shape.target_per_token || shape.target == TargetKind::token ? n_tokens : 1;
}

Index count_terms(const TaskShape& shape, const std::int32_t* ids, Index n) {
  if (!has_ids(shape) || shape.target == TargetKind::sign) return n;
  return std::count_if(ids, ids + n, [](std::int32_t id) { return id >= 0; });
}

}  // namespace

template <class S>
void Samples<S>::clear() {
  n = 0;
  longest = 0;
  first.resize(1);
  tokens.clear(), positions.clear(), inputs.clear(), weights.clear(), target_ids.clear(),
      targets.clear();
  group.clear(), number.clear(), n_terms.clear();
}

template <class S>
void Samples<S>::reserve(Index n_samples, const TaskShape& shape) {
  const Index n_tokens = n_samples * shape.max_tokens;
  const Index n_rows = n_samples * n_targets(shape, shape.max_tokens);
  first.reserve(at(n_samples + 1));
  positions.reserve(at(n_tokens));
  if (shape.input == InputKind::tokens) tokens.reserve(at(n_tokens));
  if (shape.input == InputKind::dense) inputs.reserve(at(n_tokens * shape.input_dim));
  if (shape.weighted) weights.reserve(at(n_tokens));
  if (has_ids(shape)) target_ids.reserve(at(n_rows));
  if (!has_ids(shape)) targets.reserve(at(n_rows * shape.outputs));
  group.reserve(at(n_samples)), number.reserve(at(n_samples)), n_terms.reserve(at(n_samples));
}

template <class S>
void Samples<S>::append(const Samples& other, Index i, const TaskShape& shape) {
  const Index begin = other.first[at(i)], end = other.first[at(i + 1)];
  const auto copy = [](const auto& from, auto& to, Index a, Index b) {
    if (!from.empty()) to.insert(to.end(), from.begin() + a, from.begin() + b);
  };
  copy(other.tokens, tokens, begin, end);
  copy(other.positions, positions, begin, end);
  copy(other.weights, weights, begin, end);
  copy(other.inputs, inputs, begin * shape.input_dim, end * shape.input_dim);
  const bool per_token = n_targets(shape, 2) > 1;
  const Index row = per_token ? begin : i, row_end = per_token ? end : i + 1;
  copy(other.target_ids, target_ids, row, row_end);
  copy(other.targets, targets, row * shape.outputs, row_end * shape.outputs);
  group.push_back(other.group[at(i)]);
  number.push_back(other.number[at(i)]);
  n_terms.push_back(other.n_terms[at(i)]);
  first.push_back(first.back() + end - begin);
  longest = std::max(longest, end - begin);
  ++n;
}

template <class S>
Batch<S> Samples<S>::batch(Index begin, Index end, const TaskShape& shape) const {
  const Index offset =
      n_targets(shape, 2) > 1 ? 0 : begin;  // targets a sample are counted from the first one
  const auto shifted = [](const auto& v, Index by) { return v.empty() ? nullptr : v.data() + by; };
  Batch<S> out;
  out.n_samples = end - begin;
  out.first = first.data() + begin;
  out.tokens = shifted(tokens, 0);
  out.positions = positions.data();
  out.inputs = shifted(inputs, 0);
  out.weights = shifted(weights, 0);
  out.target_ids = shifted(target_ids, offset);
  out.targets = shifted(targets, offset * shape.outputs);
  out.sample_number = number.data() + begin;
  return out;
}

template <class S>
Index Samples<S>::terms(Index begin, Index end) const {
  return std::accumulate(n_terms.begin() + begin, n_terms.begin() + end, Index{0});
}

template <class S>
double Samples<S>::bytes() const {
  const auto size = [](const auto& v) { return static_cast<double>(v.size() * sizeof(v[0])); };
  return size(first) + size(tokens) + size(positions) + size(inputs) + size(weights) +
         size(target_ids) + size(targets) + size(group) + size(number) + size(n_terms);
}

SampleBuffer::SampleBuffer(const TaskShape& shape) {
  const std::size_t n = at(shape.max_tokens), rows = at(n_targets(shape, shape.max_tokens));
  positions.resize(n);
  if (shape.input == InputKind::tokens) tokens.resize(n);
  if (shape.input == InputKind::dense) inputs.resize(n * at(shape.input_dim));
  if (shape.weighted) weights.resize(n);
  if (has_ids(shape)) target_ids.resize(rows);
  if (!has_ids(shape)) targets.resize(rows * at(shape.outputs));
}

attnlab_sample& SampleBuffer::fresh() {
  std::iota(positions.begin(), positions.end(), 0);
  const auto start = [](auto& v) { return v.empty() ? nullptr : v.data(); };
  sample = attnlab_sample{};
  sample.struct_size = sizeof sample;
  sample.group = -1;
  sample.tokens = start(tokens);
  sample.positions = positions.data();
  sample.inputs = start(inputs);
  sample.target_ids = start(target_ids);
  sample.targets = start(targets);
  sample.weights = start(weights);
  return sample;
}

template <class S>
Result<Done> draw(const Task& task, int split, Index index, SampleBuffer& buffer,
                  Samples<S>& into) {
  const TaskShape& shape = task.shape();
  attnlab_sample& s = buffer.fresh();
  if (auto made = task.sample(split, index, s); !made) return made;
  const Index rows = n_targets(shape, s.n_tokens);
  const auto copy = [](const auto& from, auto& to, Index n) {
    using Number = typename std::remove_reference_t<decltype(to)>::value_type;
    for (Index i = 0; i < n && !from.empty(); ++i) to.push_back(static_cast<Number>(from[at(i)]));
  };
  copy(buffer.tokens, into.tokens, s.n_tokens);
  copy(buffer.positions, into.positions, s.n_tokens);
  copy(buffer.weights, into.weights, s.n_tokens);
  copy(buffer.inputs, into.inputs, s.n_tokens * shape.input_dim);
  copy(buffer.target_ids, into.target_ids, rows);
  copy(buffer.targets, into.targets, rows * shape.outputs);
  into.group.push_back(shape.groups.empty() ? -1 : s.group);
  into.number.push_back(index);
  into.n_terms.push_back(count_terms(shape, s.target_ids, rows));
  into.first.push_back(into.first.back() + s.n_tokens);
  into.longest = std::max<Index>(into.longest, s.n_tokens);
  ++into.n;
  return Done{};
}

template <>
std::shared_ptr<const Samples<float>>& Source::kept<float>(int which) {
  return float32_[which];
}
template <>
std::shared_ptr<const Samples<double>>& Source::kept<double>(int which) {
  return float64_[which];
}

template <class S>
Result<std::shared_ptr<const Samples<S>>> Source::split(int which) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<const Samples<S>>& made = kept<S>(which);
  if (made) return made;
  const TaskShape& shape = task_.shape();
  const Index n = which == ATTNLAB_SPLIT_TRAIN        ? shape.n_train
                  : which == ATTNLAB_SPLIT_VALIDATION ? shape.n_validation
                                                      : shape.n_test;
  auto samples = std::make_shared<Samples<S>>();
  SampleBuffer buffer(shape);
  for (Index i = 0; i < n; ++i) {
    if (auto drawn = draw(task_, which, i, buffer, *samples); !drawn) return drawn.errors();
  }
  made = std::move(samples);
  return made;
}

template struct Samples<float>;
template struct Samples<double>;
template Result<Done> draw(const Task&, int, Index, SampleBuffer&, Samples<float>&);
template Result<Done> draw(const Task&, int, Index, SampleBuffer&, Samples<double>&);
template Result<std::shared_ptr<const Samples<float>>> Source::split<float>(int);
template Result<std::shared_ptr<const Samples<double>>> Source::split<double>(int);

}  // namespace attnlab

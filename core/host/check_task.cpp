// check_task.cpp: a task's promises: samples within its own shape, made from (seed, split, index)
// alone.
#include <algorithm>

#include "host/guarded.hpp"

namespace attnlab {
namespace {

constexpr Index n_tried = 32;

struct Sample {
  Guarded<std::int32_t> tokens, positions, target_ids;
  Guarded<double> inputs, targets, weights;
  attnlab_sample lent{};

  explicit Sample(const TaskShape& s)
      : tokens(s.max_tokens),
        positions(s.max_tokens),
        target_ids(s.target_per_token ? s.max_tokens : 1),
        inputs(s.max_tokens * std::max<Index>(s.input_dim, 1)),
        targets((s.target_per_token ? s.max_tokens : 1) * s.outputs),
        weights(s.max_tokens) {
    lent.positions = positions.data();
    if (s.input == InputKind::tokens) lent.tokens = tokens.data();
    if (s.weighted) lent.weights = weights.data();
    if (s.input == InputKind::dense) lent.inputs = inputs.data();
    if (s.target == TargetKind::real)
      lent.targets = targets.data();
    else
      lent.target_ids = target_ids.data();
  }
  bool intact() const {
    return tokens.intact() && positions.intact() && target_ids.intact() && inputs.intact() &&
           targets.intact() && weights.intact();
  }
  // What is read of it: the numbers of its valid tokens.
  bool equals(const Sample& other, const TaskShape& s) const {
    const auto n = static_cast<std::ptrdiff_t>(lent.n_tokens);
    const auto same = [&](const auto& a, const auto& b, std::ptrdiff_t count) {
      const auto x = a.values(), y = b.values();
      return std::equal(x.begin(), x.begin() + count, y.begin());
    };
    const std::ptrdiff_t rows = s.target_per_token ? n : 1;
    return lent.n_tokens == other.lent.n_tokens && lent.group == other.lent.group &&
           same(positions, other.positions, n) &&
           (lent.tokens == nullptr || same(tokens, other.tokens, n)) &&
           (lent.inputs == nullptr || same(inputs, other.inputs, n * s.input_dim)) &&
           (lent.weights == nullptr || same(weights, other.weights, n)) &&
           (lent.targets == nullptr || same(targets, other.targets, rows * s.outputs)) &&
           (lent.target_ids == nullptr || same(target_ids, other.target_ids, rows));
  }
};

}  // namespace

Conformance check_task(const Plugins& plugins, const Settings& given) {
  Conformance out;
  const auto task = Task::create(plugins, given, 1, "/");
  if (!task) return {{}, task.errors()};
  const auto twin = Task::create(plugins, given, 1, "/");
  if (!twin) return {{}, twin.errors()};
  const TaskShape& shape = task->shape();
  out.kept.push_back("describes its data");

  bool same = true, inside = true;
  const Index sizes[] = {shape.n_train == 0 ? n_tried : shape.n_train, shape.n_validation,
                         shape.n_test};
  for (int split = 0; split < 3; ++split) {
    const Index n = std::min(sizes[split], n_tried);
    for (Index i = 0; i < n; ++i) {
      Sample forwards(shape), backwards(shape);
      const auto one = task->sample(split, i, forwards.lent);
      if (!one) return {std::move(out.kept), one.errors()};
      // The twin is asked in another order: last sample first.
      const auto other = twin->sample(split, n - 1 - i, backwards.lent);
      if (!other) return {std::move(out.kept), other.errors()};
      Sample again(shape);
      const auto repeated = twin->sample(split, i, again.lent);
      if (!repeated) return {std::move(out.kept), repeated.errors()};
      same &= forwards.equals(again, shape);
      inside &= forwards.intact() && backwards.intact() && again.intact();
    }
  }
  out.kept.push_back("samples lie within its shape");
  judge(out, inside, "writes nowhere but into its buffers", "it writes outside of its buffers");
  judge(out, same, "a sample depends on seed, split and index alone",
        "the same sample asked twice, in another order, differs");
  for (Index id = 0; id < std::min<Index>(shape.vocabulary, n_tried); ++id) task->token_name(id);
  return out;
}

}  // namespace attnlab

// snapshot.cpp: attention weights and their entropy, looked at after a pass, a block of queries at
// a time.
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "model/call_kernel.hpp"
#include "model/inside.hpp"
#include "model/yz.hpp"

namespace attnlab {
namespace {

// Calls see(layer, head, query, weights [n_keys]) for every query of sample i.
template <class S, class See>
Result<Index> each_query(const Parts<S>& model, const Batch<S>& batch, Index i, Workspace<S>& space,
                         See see) {
  const ModelShape& m = model.shape;
  if (m.parameterization != Parameterization::qkv) {
    if (look_yz(model, batch, i, space) != ATTNLAB_OK) return model.kernel->failure("weights");
    see(Index{0}, Index{0}, Index{0}, space.weights);
    return Index{1};
  }
  ATTNLAB_ASSERT(space.keeps_heads);
  const Index first = batch.first[i] - batch.first[0], n = batch.first[i + 1] - batch.first[i];
  const Index n_queries = m.last_query_only ? 1 : n;
  for (Index l = 0; l < m.layers; ++l) {
    for (Index h = 0; h < m.heads; ++h) {
      const auto whole = head_of(m, space.layers[static_cast<std::size_t>(l)], first, n,
                                 m.last_query_only ? i : first, h);
      for (Index from = 0; from < n_queries; from += query_block) {
        auto head = whole;
        head.shape.n_queries = std::min(query_block, n_queries - from);
        head.shape.first_query += from;
        head.q += from * head.q_stride;
        if (look(*model.kernel, head, space.weights, space.kernel_work) != ATTNLAB_OK)
          return model.kernel->failure("weights");
        for (Index r = 0; r < head.shape.n_queries; ++r) see(l, h, from + r, space.weights + r * n);
      }
    }
  }
  return n_queries;
}

// -sum p ln p of weights that are divided by their sum; keys without positive weight add nothing.
template <class S>
double entropy_of(const S* weights, Index n) {
  double sum = 0;
  for (Index j = 0; j < n; ++j) sum += static_cast<double>(weights[j]);
  if (sum == 0) return 0;
  double entropy = 0;
  for (Index j = 0; j < n; ++j) {
    const double p = static_cast<double>(weights[j]) / sum;
    if (!(p <= 0)) entropy -= p * std::log(p);
  }
  return entropy;
}

// The maps of sample i, padded.
template <class S, class Out>
Result<Done> maps_of(const Parts<S>& model, const Batch<S>& batch, Index sample, Index padded,
                     Workspace<S>& workspace, std::span<Out> out) {
  const ModelShape& m = model.shape;
  const Index n = batch.first[sample + 1] - batch.first[sample];
  const Index queries = m.last_query_only ? 1 : padded;
  std::fill(out.begin(), out.end(), std::numeric_limits<Out>::quiet_NaN());
  const auto looked = each_query<S>(
      model, batch, sample, workspace, [&](Index l, Index h, Index q, const S* weights) {
        Out* row = out.data() + ((l * m.heads + h) * queries + q) * padded;
        if (model.task.weighted) {  // keys are the tokens themselves
          const std::int32_t* ids = batch.tokens + batch.first[sample];
          std::fill_n(row, padded, Out(0));
          for (Index j = 0; j < n; ++j) row[ids[j]] += static_cast<Out>(weights[j]);
          return;
        }
        for (Index j = 0; j < n; ++j) row[j] = static_cast<Out>(weights[j]);
        std::fill_n(row + n, padded - n, Out(0));
      });
  if (!looked) return looked.errors();
  return Done{};
}

}  // namespace

template <class S>
Result<Done> Model<S>::attention(const Batch<S>& batch, Index sample, Index padded,
                                 Workspace<S>& workspace, std::span<float> out) const {
  return maps_of<S>(static_cast<const Parts<S>&>(*inside_), batch, sample, padded, workspace, out);
}
template <class S>
Result<Done> Model<S>::attention(const Batch<S>& batch, Index sample, Index padded,
                                 Workspace<S>& workspace, std::span<double> out) const {
  return maps_of<S>(static_cast<const Parts<S>&>(*inside_), batch, sample, padded, workspace, out);
}

template <class S>
Result<Index> Model<S>::entropy(const Batch<S>& batch, Index sample, Workspace<S>& workspace,
                                std::span<double> entropy) const {
  const Index n = batch.first[sample + 1] - batch.first[sample];
  return each_query<S>(
      *inside_, batch, sample, workspace, [&](Index l, Index h, Index, const S* weights) {
        entropy[static_cast<std::size_t>(l * inside_->shape.heads + h)] += entropy_of(weights, n);
      });
}

#define ATTNLAB_FOR(S)                                                                    \
  template Result<Done> Model<S>::attention(const Batch<S>&, Index, Index, Workspace<S>&, \
                                            std::span<float>) const;                      \
  template Result<Done> Model<S>::attention(const Batch<S>&, Index, Index, Workspace<S>&, \
                                            std::span<double>) const;                     \
  template Result<Index> Model<S>::entropy(const Batch<S>&, Index, Workspace<S>&,         \
                                           std::span<double>) const;
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

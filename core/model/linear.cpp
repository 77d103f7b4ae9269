// linear.cpp: y = x W + b for stacked heads, its gradients, and dropout over the rows of a batch.
#include "model/inside.hpp"
#include "model/products.hpp"

namespace attnlab {
namespace {

// W as one matrix [rows][heads * columns], so that all heads are one product. W_O is that already
// the other way round: its heads lie behind each other as rows.
template <class S>
Rows<const S> beside(const Pass<S>& pass, const ParameterBlock* w) {
  const S* value = pass.value(w);
  const Index columns = w->columns, all = w->heads * columns;
  if (w->heads == 1) return {value, w->rows, columns};
  for (Index h = 0; h < w->heads; ++h)
    for (Index r = 0; r < w->rows; ++r, value += columns)
      std::copy_n(value, columns, pass.space.packed + r * all + h * columns);
  return {pass.space.packed, w->rows, all};
}

}  // namespace

template <class S>
void linear(const Pass<S>& pass, Rows<const S> x, const ParameterBlock* w, const ParameterBlock* b,
            Rows<S> y) {
  product(x, beside(pass, w), y);
  if (b != nullptr) add_bias(y, pass.value(b));
}

template <class S>
void linear_gradient(const Pass<S>& pass, Rows<const S> x, const ParameterBlock* w,
                     const ParameterBlock* b, Rows<const S> dy) {
  if (S* slope = pass.slope(b)) add_column_sums(dy, slope);
  S* slope = pass.slope(w);
  if (slope == nullptr) return;
  const Index columns = w->columns, all = w->heads * columns;
  if (w->heads == 1) {
    transposed_product(x, dy, Rows<S>{slope, w->rows, columns}, Into::add);
    return;
  }
  const Rows<S> dw{pass.space.packed_slope, w->rows, all};
  transposed_product(x, dy, dw);
  for (Index h = 0; h < w->heads; ++h)
    for (Index r = 0; r < w->rows; ++r, slope += columns)
      add_to(slope, dw[r] + h * columns, columns);
}

template <class S>
void linear_backward(const Pass<S>& pass, Rows<const S> dy, const ParameterBlock* w, Rows<S> dx,
                     bool add) {
  product_transposed(dy, beside(pass, w), dx, add ? Into::add : Into::overwrite);
}

template <class S>
void drop(const Pass<S>& pass, Index site, bool all_tokens, Rows<S> x, std::uint8_t* mask) {
  if (!pass.dropout.active()) return;
  const std::uint64_t seed = site_seed(pass.dropout, site);
  const bool one = pass.m.last_query_only && !all_tokens;
  for (Index i = 0; i < pass.batch.n_samples; ++i) {
    const Index length = pass.length(i);
    for (Index t = one ? length - 1 : 0; t < length; ++t) {
      const Index r = one ? i : pass.first(i) + t;
      drop_row(pass.dropout, seed, pass.sample(i), t, x[r], x.columns, mask + r * x.columns);
    }
  }
}

#define ATTNLAB_FOR(S)                                                                         \
  template void linear(const Pass<S>&, Rows<const S>, const ParameterBlock*,                   \
                       const ParameterBlock*, Rows<S>);                                        \
  template void linear_gradient(const Pass<S>&, Rows<const S>, const ParameterBlock*,          \
                                const ParameterBlock*, Rows<const S>);                         \
  template void linear_backward(const Pass<S>&, Rows<const S>, const ParameterBlock*, Rows<S>, \
                                bool);                                                         \
  template void drop(const Pass<S>&, Index, bool, Rows<S>, std::uint8_t*);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

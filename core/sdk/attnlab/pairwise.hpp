// pairwise.hpp: PairwiseKernel turns a function of one score into an attention kernel.
//
// The author writes a law: which score, a function f of it, its slope, and what becomes of a row.
//
//   struct Gaussian {
//     static constexpr auto score = attnlab::Score::square_distance;
//     static constexpr auto row = attnlab::Row::free;
//     explicit Gaussian(const attnlab::Options&) {}
//     template <class A>  // A: an Eigen array of some numbers, A::Scalar is float or double
//     A value(const A& s, const auto& /*asker*/) const { return attnlab::exponential(s / -2); }
//     template <class A>  // df/ds, given s and f = value(s)
//     A slope(const A&, const A& f, const auto& /*asker*/) const { return f / -2; }
//   };
//   ATTNLAB_KERNEL_PLUGIN(attnlab::PairwiseKernel<Gaussian>, attnlab::no_options, (About{...}))
//
// With s[i][j] the score of query i and key j, f = value(s), tau the temperature:
//
//   Score::dot              s = q.k / tau
//   Score::square_distance  s = |q - k|^2 / tau, from the differences themselves: never negative,
//                           and exactly 0 for q = k, however long q and k are (see also is_steep)
//   Score::distance_l1      s = sum_d |q_d - k_d| / tau
//
//   Row::free               S = f
//   Row::normalised         S = f / sum_j f                 for f >= 0; all zero gives NaN
//   Row::softmax            S = exp(f) / sum_j exp(f)       no overflow: less the row's maximum
//   Row::softmax_plus_one   S = exp(f) / (1 + sum_j exp(f))
//
// Never keeps R x N numbers: scores are made in tiles, row sums as one goes along (Milakov &
// Gimelshein 2018; Dao et al. 2022, alg. 1), and backward makes the tiles again:
//
//   dv[j]   = sum_i S[i][j] dout[i]            G[i][j] = dout[i].v[j]
//   E       = dl/ds = slope * G                free
//           = slope * (G - delta_i) / sum_i    normalised,    delta_i = sum_j G S = dout[i].out[i]
//           = slope * S (G - delta_i)          softmax and softmax_plus_one
//   dot:    dq[i] = sum_j E k[j] / tau, dk[j] = sum_i E q[i] / tau
//   square: dq[i] = 2 sum_j E (q[i] - k[j]) / tau, dk[j] opposite
//
// With dropout of the weights, S' = S * (factor where kept, else 0) makes the outputs and dv, and G
// above is times the same; sums and S stay those of all keys, and delta_i is dout[i].out[i] again.
//
// A query that sees no key has S = 0 and out = 0. NaN goes where it belongs: what a query sees.
#pragma once

#include <attnlab/kernel.hpp>
#include <attnlab/pairwise_tile.hpp>

namespace attnlab {

template <class Law>
class PairwiseKernel {
 public:
  static constexpr std::uint32_t flags =
      Law::row == Row::normalised || Law::row == Row::softmax ? ATTNLAB_KERNEL_ROW_STOCHASTIC : 0;

  explicit PairwiseKernel(const Options& options) : law_(options) {}

  // saved: two numbers a query (the row's maximum and one over its sum); work: a tile, and two
  // numbers a query.
  KernelSizes sizes(const attnlab_head_shape& shape) const {
    return {Law::row == Row::free ? 0 : 2 * shape.n_queries, Tile<Law, double>::n_work(shape)};
  }

  template <class Real>
  void forward(const Head<Real>& head, Matrix<Real> out, Real* saved, Real* work) const {
    forward(head, WeightDropout{}, out, saved, work);
  }

  template <class Real>
  void forward(const Head<Real>& head, const WeightDropout& dropout, Matrix<Real> out, Real* saved,
               Real* work) const {
    for (Index i = 0; i < out.rows; ++i) std::fill_n(out[i], out.columns, Real(0));
    Tile<Law, Real> tile(law_, head, work);
    sweep(
        tile, head.q.rows, saved, [&](Index i, Real share) { scale(out, i, share); },
        [&] {
          if (dropout.active()) tile.drop_terms(dropout);
          tile.add_outputs(out);
        });
    if constexpr (Law::row != Row::free) {
      for (Index i = 0; i < out.rows; ++i) scale(out, i, saved[2 * i + 1]);
    }
  }

  template <class Real>
  void backward(const Head<Real>& head, const Upstream<Real>& upstream,
                const Gradients<Real>& add_to, Real* work) const {
    backward(head, WeightDropout{}, upstream, add_to, work);
  }

  template <class Real>
  void backward(const Head<Real>& head, const WeightDropout& dropout,
                const Upstream<Real>& upstream, const Gradients<Real>& add_to, Real* work) const {
    Tile<Law, Real> tile(law_, head, work);
    tile.read_deltas(upstream);
    for (tile.to_first_keys(); tile.has_keys(); tile.to_next_keys()) {
      tile.read_keys();
      tile.read_values();
      for (tile.to_first_queries(); tile.has_queries(); tile.to_next_queries()) {
        tile.make_scores();
        tile.make_weight_gradients(upstream.dout);
        if (dropout.active()) tile.drop_weight_gradients(dropout);
        tile.begin_gradients();
        for (Index i = tile.first_query(); i < tile.last_query(); ++i) {
          tile.turn_into_gradients(i, upstream.saved, add_to.q);
        }
        if (dropout.active()) tile.drop_terms(dropout);
        tile.add_gradients(upstream.dout, add_to);
      }
    }
  }

  template <class Real>
  void weights(const Head<Real>& head, Matrix<Real> weights, Real* work) const {
    for (Index i = 0; i < weights.rows; ++i) std::fill_n(weights[i], weights.columns, Real(0));
    Real* numbers = work + Tile<Law, Real>::n_tile(head);
    Tile<Law, Real> tile(law_, head, work);
    if constexpr (Law::row != Row::free) {
      sweep(
          tile, head.q.rows, numbers, [](Index, Real) {}, [] {});
    }
    for (tile.to_first_keys(); tile.has_keys(); tile.to_next_keys()) {
      tile.read_keys();
      for (tile.to_first_queries(); tile.has_queries(); tile.to_next_queries()) {
        tile.make_scores();
        for (Index i = tile.first_query(); i < tile.last_query(); ++i) {
          tile.turn_into_weights(i, numbers, weights[i]);
        }
      }
    }
  }

 private:
  // Visits all tiles, leaving their terms for each_tile; `numbers` end as each row's maximum and
  // one over its sum. each_row(i, share) is called when the terms of row i so far count `share` as
  // much.
  template <class Real, class EachRow, class EachTile>
  static void sweep(Tile<Law, Real>& tile, Index n_rows, Real* numbers, const EachRow& each_row,
                    const EachTile& each_tile) {
    for (Index i = 0; i < n_rows; ++i) tile.begin_row(i, numbers);
    for (tile.to_first_keys(); tile.has_keys(); tile.to_next_keys()) {
      tile.read_keys();
      for (tile.to_first_queries(); tile.has_queries(); tile.to_next_queries()) {
        tile.make_scores();
        for (Index i = tile.first_query(); i < tile.last_query(); ++i) {
          const Real share = tile.turn_into_terms(i, numbers);
          if (share != Real(1)) each_row(i, share);
        }
        each_tile();
      }
    }
    for (Index i = 0; i < n_rows; ++i) tile.end_row(i, numbers);
  }

  template <class Real>
  static void scale(Matrix<Real> out, Index i, Real factor) {
    for (Index e = 0; e < out.columns; ++e) out[i][e] *= factor;
  }

  Law law_;
};

}  // namespace attnlab

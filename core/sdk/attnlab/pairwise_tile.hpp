// pairwise_tile.hpp: a tile of at most 64 queries by 64 keys, walked over one head.
//
// Key tiles outside, query tiles inside, so that keys and values are laid side by side in
// registers' order once. Query tiles begin at the first query that sees a key of the tile: what is
// masked as a whole is never visited. All buffers lie in `work`.
#pragma once

#include <attnlab/kernel.hpp>
#include <attnlab/pairwise_products.hpp>
#include <limits>

namespace attnlab {

enum class Score { dot, square_distance, distance_l1 };
enum class Row { free, normalised, softmax, softmax_plus_one };

// Who asks: what a law may want to know beside the score.
template <class Real>
struct Asker {
  Real temperature;
  Real n_keys;  // that the query sees
};

// A law of square distances whose slope is very large near q = k says `steep_at_zero = true`: its
// gradients are then summed from the differences q - k, where E k - (sum E) q would lose all
// digits.
template <class Law>
inline constexpr bool is_steep = requires {
  requires Law::steep_at_zero;
};

template <class Law, class Real>
class Tile {
 public:
  static constexpr Index kQueries = 64, kKeys = 64;
  static constexpr Index kFewQueries = 8;  // below, packing costs more than it saves
  static constexpr int kWidth = lanes::kWidth<Real>;
  using Some = Eigen::Array<Real, kWidth, 1>;

  // Numbers of scratch for the tile, and with two numbers a query behind it.
  static constexpr Index n_tile(Index key_dim, Index value_dim) {
    return (key_dim + value_dim + 2 * kQueries + 1) * kKeys;
  }
  static Index n_tile(const Head<Real>& head) { return n_tile(head.k.columns, head.v.columns); }
  static Index n_work(const attnlab_head_shape& shape) {
    return n_tile(shape.key_dim, shape.value_dim) + 2 * shape.n_queries;
  }

  Tile(const Law& law, const Head<Real>& head, Real* work)
      : law_(law),
        head_(head),
        inverse_temperature_(static_cast<Real>(1.0 / head.temperature)),
        few_(head.q.rows < kFewQueries),
        keys_(work),
        values_(keys_ + head.k.columns * kKeys),
        scores_(values_ + head.v.columns * kKeys),
        gradients_(scores_ + kQueries * kKeys),
        column_sums_(gradients_ + kQueries * kKeys),
        deltas_(column_sums_ + kKeys) {}

  // --- where the tile is ---

  void to_first_keys() { place_keys(0); }
  void to_next_keys() { place_keys(key_ + kKeys); }
  bool has_keys() const { return key_ < head_.k.rows; }
  void to_first_queries() { place_queries(first_asker(key_)); }
  void to_next_queries() { place_queries(query_ + kQueries); }
  bool has_queries() const { return query_ < head_.q.rows; }
  Index first_query() const { return query_; }
  Index last_query() const { return query_ + n_queries_; }

  // --- scores ---

  void read_keys() { read(head_.k, keys_); }
  void read_values() { read(head_.v, values_); }

  void make_scores() {
    using Op =
        std::conditional_t<Law::score == Score::dot, lanes::Multiply,
                           std::conditional_t<Law::score == Score::square_distance,
                                              lanes::SquareDifference, lanes::AbsoluteDifference>>;
    make<Op>(head_.q, head_.k, keys_, scores_);
  }

  // G = dout.v
  void make_weight_gradients(Matrix<const Real> dout) {
    make<lanes::Multiply>(dout, head_.v, values_, gradients_);
  }

  // --- rows: running maximum and sum in numbers[2 i], numbers[2 i + 1] ---

  void begin_row(Index i, Real* numbers) const {
    if constexpr (Law::row == Row::free) return;
    constexpr bool plus_one = Law::row == Row::softmax_plus_one;  // as if a score 0 had been seen
    constexpr bool softmax = Law::row == Row::softmax;
    numbers[2 * i] = softmax ? std::numeric_limits<Real>::lowest() : Real(0);
    numbers[2 * i + 1] = plus_one ? Real(1) : Real(0);
  }

  void end_row(Index i, Real* numbers) const {
    if constexpr (Law::row == Row::free) return;
    numbers[2 * i + 1] = head_.n_seen(i) > 0 ? 1 / numbers[2 * i + 1] : Real(0);
  }

  // Scores of query i become terms of its output, still to be divided by the row's sum. Answers
  // what the terms of earlier tiles must be multiplied by.
  Real turn_into_terms(Index i, Real* numbers) {
    const Index n = n_seen_here(i);
    if (n == 0) return 1;
    const Asker<Real> asker = asker_of(i);
    Real* s = row(scores_, i);
    if constexpr (Law::row == Row::free) {
      for (Index j = 0; j < n; j += kWidth) {
        at(s + j) = law_.value(scaled(s + j), asker);
      }
      return 1;
    } else if constexpr (Law::row == Row::normalised) {
      Some sum = Some::Zero();
      for (Index j = 0; j < n; j += kWidth) {
        const Some f = law_.value(scaled(s + j), asker);
        at(s + j) = f;
        sum += only(n - j, f, 0);
      }
      numbers[2 * i + 1] += total(sum);
      return 1;
    } else {
      constexpr Real lowest = std::numeric_limits<Real>::lowest();
      Some top = Some::Constant(lowest);
      for (Index j = 0; j < n; j += kWidth) {
        const Some f = law_.value(scaled(s + j), asker);
        at(s + j) = f;
        top = top.max(only(n - j, f, lowest));
      }
      Real& maximum = numbers[2 * i];
      const Real before = maximum, here = top.maxCoeff();
      if (!(here <= maximum)) maximum = here;
      Real& total_so_far = numbers[2 * i + 1];
      const bool same = maximum == before || total_so_far == 0;
      const Real share = same ? Real(1) : exponential(before - maximum);
      Some sum = Some::Zero();
      for (Index j = 0; j < n; j += kWidth) {
        const Some e = exponential(at(s + j) - maximum);
        at(s + j) = e;
        sum += only(n - j, e, 0);
      }
      total_so_far = total_so_far * share + total(sum);
      return share;
    }
  }

  // What stands in place of the scores, and G: times the factor where kept, else 0.
  void drop_terms(const WeightDropout& dropout) const { drop(dropout, scores_); }
  void drop_weight_gradients(const WeightDropout& dropout) const { drop(dropout, gradients_); }

  // out[i] += sum_j terms[i][j] v[j]
  void add_outputs(Matrix<Real> out) const {
    lanes::add_product(n_queries_, out.columns, as_rows(scores_), head_.v[key_], head_.v.stride,
                       out[query_], out.stride, keys_of());
  }

  // Scores of query i become weights, written to their places in `to` [N].
  void turn_into_weights(Index i, const Real* numbers, Real* to) {
    const Index n = n_seen_here(i);
    const Asker<Real> asker = asker_of(i);
    Real* s = row(scores_, i);
    for (Index j = 0; j < n; j += kWidth) {
      at(s + j) = weight(i, law_.value(scaled(s + j), asker), numbers);
    }
    std::copy_n(s, n, to + key_);
  }

  // --- backward ---

  // delta[i] = dout[i].out[i] = sum_j G[i][j] S[i][j]
  void read_deltas(const Upstream<Real>& up) {
    if constexpr (Law::row == Row::free) return;
    for (Index i = 0; i < head_.q.rows; ++i) {
      lanes::scores_of_row<lanes::Multiply, 1>(up.out.columns, up.dout[i], up.out[i], 0,
                                               deltas_ + i);
    }
  }

  // In the rows of query i, scores become weights and G becomes E (for square distances -2 E / tau,
  // for others E / tau).
  void turn_into_gradients(Index i, const Real* numbers, Matrix<Real> dq) {
    constexpr bool square = Law::score == Score::square_distance && !is_steep<Law>;
    const Real factor =
        Law::score == Score::square_distance ? -2 * inverse_temperature_ : inverse_temperature_;
    const Index n = n_seen_here(i);
    const Asker<Real> asker = asker_of(i);
    Real* s = row(scores_, i);
    Real* g = row(gradients_, i);
    Some sum = Some::Zero();
    for (Index j = 0; j < n; j += kWidth) {
      const Some score = scaled(s + j);
      const Some f = law_.value(score, asker);
      const Some p = weight(i, f, numbers);
      Some e = law_.slope(score, f, asker);
      if constexpr (Law::row == Row::free) {
        e *= at(g + j);
      } else if constexpr (Law::row == Row::normalised) {
        e *= (at(g + j) - deltas_[i]) * numbers[2 * i + 1];
      } else {
        e *= p * (at(g + j) - deltas_[i]);
      }
      e = only(n - j, e * factor, 0);
      at(s + j) = p;
      at(g + j) = e;
      if constexpr (square) {
        sum += e;
        at(column_sums_ + j) += e;
      }
    }
    if constexpr (square) {
      const Real e = total(sum);
      for (Index d = 0; d < dq.columns; ++d) dq[i][d] -= e * head_.q[i][d];
    }
  }

  void begin_gradients() { std::fill_n(column_sums_, kKeys, Real(0)); }

  void add_gradients(Matrix<const Real> dout, const Gradients<Real>& to) const {
    const Matrix<const Real>&q = head_.q, &k = head_.k, &v = head_.v;
    lanes::add_product(n_keys_, v.columns, as_columns(scores_), dout[query_], dout.stride,
                       to.v[key_], to.v.stride, askers_of());
    if constexpr (Law::score == Score::distance_l1 || is_steep<Law>) {
      add_pair_gradients(to);
      return;
    }
    lanes::add_product(n_queries_, k.columns, as_rows(gradients_), k[key_], k.stride, to.q[query_],
                       to.q.stride, keys_of());
    lanes::add_product(n_keys_, k.columns, as_columns(gradients_), q[query_], q.stride, to.k[key_],
                       to.k.stride, askers_of());
    if constexpr (Law::score == Score::square_distance) {
      for (Index j = 0; j < n_keys_; ++j) {
        Real* dk = to.k[key_ + j];
        const Real* key = k[key_ + j];
        for (Index d = 0; d < k.columns; ++d) dk[d] -= column_sums_[j] * key[d];
      }
    }
  }

 private:
  void place_keys(Index first) {
    key_ = first;
    n_keys_ = std::min(kKeys, head_.k.rows - key_);
  }
  void place_queries(Index first) {
    query_ = first;
    n_queries_ = std::min(kQueries, head_.q.rows - query_);
  }
  // The first query that sees `key`.
  Index first_asker(Index key) const {
    if (head_.mask == ATTNLAB_MASK_NONE) return 0;
    const Index position = head_.mask == ATTNLAB_MASK_CAUSAL ? key : key + 1;
    return std::max<Index>(0, position - head_.first_query);
  }
  Index n_seen_here(Index i) const { return std::clamp<Index>(head_.n_seen(i) - key_, 0, n_keys_); }

  // Which keys of the tile its query number r sees, and which of its queries see its key number r.
  auto keys_of() const {
    return [this](Index r) { return lanes::Range{0, n_seen_here(query_ + r)}; };
  }
  auto askers_of() const {
    return [this](Index r) {
      const Index first = first_asker(key_ + r) - query_;
      return lanes::Range{std::clamp<Index>(first, 0, n_queries_), n_queries_};
    };
  }

  void drop(const WeightDropout& dropout, Real* of) const {
    for (Index i = query_; i < query_ + n_queries_; ++i)
      dropout.apply(i, key_, n_seen_here(i), row(of, i));
  }

  Asker<Real> asker_of(Index i) const {
    return {static_cast<Real>(head_.temperature), static_cast<Real>(head_.n_seen(i))};
  }
  Real* row(Real* of, Index i) const { return of + (i - query_) * kKeys; }
  lanes::Strided<Real> as_rows(const Real* of) const { return {of, kKeys, 1}; }
  lanes::Strided<Real> as_columns(const Real* of) const { return {of, 1, kKeys}; }

  static auto at(Real* from) { return Eigen::Map<Some, Eigen::Aligned64>(from); }
  Some scaled(Real* from) const { return at(from) * inverse_temperature_; }

  // `x` with `other` in place of all but its first n numbers.
  static Some only(Index n, const Some& x, Real other) {
    if (n >= kWidth) return x;
    Some y;
    lanes::store<kWidth>(y.data(),
                         lanes::only<Real, kWidth>(n, lanes::load<kWidth>(x.data()), other));
    return y;
  }
  static Real total(const Some& x) {
    return lanes::sum<Real, kWidth>(lanes::load<kWidth>(x.data()));
  }
  static Real exponential(Real x) { return lanes::exponential_of(x); }
  static Some exponential(const Some& x) { return attnlab::exponential(x); }

  Some weight(Index i, const Some& f, const Real* numbers) const {
    if constexpr (Law::row == Row::free) return f;
    if constexpr (Law::row == Row::normalised) return f * numbers[2 * i + 1];
    if constexpr (Law::row == Row::softmax || Law::row == Row::softmax_plus_one) {
      return exponential(Some(f - numbers[2 * i])) * numbers[2 * i + 1];
    }
  }

  void read(const Matrix<const Real>& from, Real* to) const {
    if (few_) return;
    const Index n_padded = (n_keys_ + kWidth - 1) / kWidth * kWidth;
    lanes::pack(n_keys_, n_padded, from.columns, from[key_], from.stride, to, kKeys);
  }
  template <class Op>
  void make(const Matrix<const Real>& left, const Matrix<const Real>& right, const Real* packed,
            Real* to) const {
    if (few_) {
      lanes::scores_of_rows<Op>(n_queries_, n_keys_, left.columns, left[query_], left.stride,
                                right[key_], right.stride, to, kKeys);
    } else {
      const Index n_padded = (n_keys_ + kWidth - 1) / kWidth * kWidth;
      lanes::scores_of_packed<Op>(n_queries_, n_padded, left.columns, left[query_], left.stride,
                                  packed, kKeys, to, kKeys);
    }
  }

  // dq[i] += sum_j E direction, dk[j] opposite, for scores whose gradient is not a matrix product;
  // the direction is sign(q[i] - k[j]), or k[j] - q[i] for square distances.
  void add_pair_gradients(const Gradients<Real>& to) const {
    for (Index i = query_; i < query_ + n_queries_; ++i) {
      const Real* q = head_.q[i];
      Real* dq = to.q[i];
      for (Index j = 0; j < n_seen_here(i); ++j) {
        const Real e = row(gradients_, i)[j];
        const Real* k = head_.k[key_ + j];
        Real* dk = to.k[key_ + j];
        for (Index d = 0; d < head_.k.columns; ++d) {
          const Real direction = Law::score == Score::distance_l1
                                     ? static_cast<Real>((q[d] > k[d]) - (q[d] < k[d]))
                                     : k[d] - q[d];
          dq[d] += e * direction;
          dk[d] -= e * direction;
        }
      }
    }
  }

  const Law& law_;
  const Head<Real>& head_;
  Real inverse_temperature_;
  bool few_;
  Real *keys_, *values_, *scores_, *gradients_, *column_sums_, *deltas_;
  Index key_ = 0, n_keys_ = 0, query_ = 0, n_queries_ = 0;
};

}  // namespace attnlab

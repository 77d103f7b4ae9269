// linear.cpp: attention by features, phi(x) = elu(x) + 1. The temperature plays no part.
//
//   S[i][j] = phi(q[i]).phi(k[j]) / den[i],  den[i] = phi(q[i]).z + epsilon
//   out[i]  = phi(q[i]) M / den[i],          M = sum_j phi(k[j]) v[j]^T, z = sum_j phi(k[j])
//
// over the keys j that query i sees. Later queries never see less, so M and z only grow, and
// backward runs over the keys from the last with the sums over the queries that see them:
//
//   g[i] = dout[i] / den[i],   s[i] = -g[i].out[i]
//   dphi(q[i]) = M g[i] + s[i] z
//   dphi(k[j]) = dM v[j] + dz,   dv[j] = phi(k[j]) dM,   dM = sum_i phi(q[i]) g[i]^T, dz = sum_i
//   s[i] phi(q[i])
//
// Dropout of the weights needs every weight, so that path is quadratic in the tokens; with S' and
// G' = dout.v after dropout, E[i][j] = (G'[i][j] - dout[i].out[i]) / den[i]:
//
//   dphi(q[i]) = sum_j E phi(k[j]),   dphi(k[j]) = sum_i E phi(q[i]),   dv[j] = sum_i S' dout[i]
#include <algorithm>
#include <array>
#include <attnlab/kernel.hpp>
#include <attnlab/pairwise_lanes.hpp>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::real("epsilon", "1e-6", 0, option::infinity, "1", "added to the denominator")};

template <class Real>
Real phi(Real x) {
  return x > 0 ? x + 1 : lanes::exponential_of(x);
}
template <class Real>
Real slope(Real x) {
  return x > 0 ? Real(1) : lanes::exponential_of(x);
}

template <class Real>
void features(const Real* x, Index n, Real* to) {
  for (Index d = 0; d < n; ++d) to[d] = phi(x[d]);
}
template <class Real>
Real dot(const Real* x, const Real* y, Index n) {
  Real sum = 0;
  for (Index d = 0; d < n; ++d) sum += x[d] * y[d];
  return sum;
}
template <class Real>
void add(Real* y, Real a, const Real* x, Index n) {
  for (Index d = 0; d < n; ++d) y[d] += a * x[d];
}

template <class Real>
struct Sums {  // M [D][E] and z [D], or their gradients
  Real *M, *z;
  Index D, E;
  Sums(Real* from, Index key_dim, Index value_dim)
      : M(from), z(from + key_dim * value_dim), D(key_dim), E(value_dim) {
    std::fill_n(from, D * E + D, Real(0));
  }
  void add_row(const Real* feature, const Real* x, Real to_z) {
    for (Index d = 0; d < D; ++d) {
      add(M + d * E, feature[d], x, E);
      z[d] += feature[d] * to_z;
    }
  }
};

class Linear {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_KERNEL_ROW_STOCHASTIC;
  explicit Linear(const Options& given) : epsilon_(given.real("epsilon")) {}

  // saved: the denominators; work: M, z, two features, g; or two features a key, three more, and
  // two numbers a key.
  KernelSizes sizes(const attnlab_head_shape& s) const {
    return {s.n_queries, std::max(s.key_dim * s.value_dim + 3 * s.key_dim + s.value_dim,
                                  2 * s.n_keys * (s.key_dim + 1) + 3 * s.key_dim)};
  }

  template <class Real>
  void forward(const Head<Real>& head, Matrix<Real> out, Real* den, Real* work) const {
    Sums<Real> sums(work, head.k.columns, head.v.columns);
    each_query(head, sums, [&](Index i, const Real* q) {
      std::fill_n(out[i], out.columns, Real(0));
      den[i] = dot(q, sums.z, sums.D) + static_cast<Real>(epsilon_);
      if (head.n_seen(i) == 0) return;
      for (Index d = 0; d < sums.D; ++d) add(out[i], q[d] / den[i], sums.M + d * sums.E, sums.E);
    });
  }

  template <class Real>
  void backward(const Head<Real>& head, const Upstream<Real>& up, const Gradients<Real>& add_to,
                Real* work) const {
    const Index D = head.k.columns, E = head.v.columns;
    Real* feature = work + D * E + D;
    Real* g = feature + 2 * D;
    const auto read_g = [&](Index i) {
      for (Index e = 0; e < E; ++e) g[e] = up.dout[i][e] / up.saved[i];
      return -dot(g, up.out[i], E);
    };
    Sums<Real> sums(work, D, E);
    each_query(head, sums, [&](Index i, const Real*) {
      if (head.n_seen(i) == 0) return;
      const Real s = read_g(i);
      for (Index d = 0; d < D; ++d) {
        add_to.q[i][d] += (dot(sums.M + d * E, g, E) + s * sums.z[d]) * slope(head.q[i][d]);
      }
    });
    Sums<Real> dsums(work, D, E);
    Index i = head.q.rows - 1;
    for (Index j = head.k.rows - 1; j >= 0; --j) {
      for (; i >= 0 && head.n_seen(i) > j; --i) {
        features(head.q[i], D, feature);
        const Real s = read_g(i);
        dsums.add_row(feature, g, s);
      }
      features(head.k[j], D, feature);
      for (Index d = 0; d < D; ++d) {
        const Real* dM = dsums.M + d * E;
        add_to.k[j][d] += (dot(dM, head.v[j], E) + dsums.z[d]) * slope(head.k[j][d]);
        add(add_to.v[j], feature[d], dM, E);
      }
    }
  }

  template <class Real>
  void forward(const Head<Real>& head, const WeightDropout& dropout, Matrix<Real> out, Real* den,
               Real* work) const {
    const Pairs<Real> pairs(head, work);
    for (Index i = 0; i < out.rows; ++i) {
      std::fill_n(out[i], out.columns, Real(0));
      const Index n = pairs.weigh(head, i, epsilon_, den[i]);
      dropout.apply(i, 0, n, pairs.weights);
      for (Index j = 0; j < n; ++j) add(out[i], pairs.weights[j], head.v[j], out.columns);
    }
  }

  template <class Real>
  void backward(const Head<Real>& head, const WeightDropout& dropout, const Upstream<Real>& up,
                const Gradients<Real>& add_to, Real* work) const {
    const Index D = head.k.columns, E = head.v.columns;
    const Pairs<Real> pairs(head, work);
    std::fill_n(pairs.dk, head.k.rows * D, Real(0));
    for (Index i = 0; i < head.q.rows; ++i) {
      Real den;
      const Index n = pairs.weigh(head, i, epsilon_, den);
      const Real delta = dot(up.dout[i], up.out[i], E);
      for (Index j = 0; j < n; ++j) pairs.slopes[j] = dot(up.dout[i], head.v[j], E);
      dropout.apply(i, 0, n, pairs.slopes);
      dropout.apply(i, 0, n, pairs.weights);
      std::fill_n(pairs.dq, D, Real(0));
      for (Index j = 0; j < n; ++j) {
        const Real e = (pairs.slopes[j] - delta) / den;
        add(pairs.dq, e, pairs.k + j * D, D);
        add(pairs.dk + j * D, e, pairs.q, D);
        add(add_to.v[j], pairs.weights[j], up.dout[i], E);
      }
      for (Index d = 0; d < D; ++d) add_to.q[i][d] += pairs.dq[d] * slope(head.q[i][d]);
    }
    for (Index j = 0; j < head.k.rows; ++j)
      for (Index d = 0; d < D; ++d) add_to.k[j][d] += pairs.dk[j * D + d] * slope(head.k[j][d]);
  }

  template <class Real>
  void weights(const Head<Real>& head, Matrix<Real> weights, Real* work) const {
    Sums<Real> sums(work, head.k.columns, head.v.columns);
    Real* k = work + sums.D * sums.E + 2 * sums.D;
    each_query(head, sums, [&](Index i, const Real* q) {
      const Real den = dot(q, sums.z, sums.D) + static_cast<Real>(epsilon_);
      std::fill_n(weights[i], weights.columns, Real(0));
      for (Index j = 0; j < head.n_seen(i); ++j) {
        features(head.k[j], sums.D, k);
        weights[i][j] = dot(q, k, sums.D) / den;
      }
    });
  }

 private:
  // The features of all keys and their gradients, and the weights of one query after the other.
  template <class Real>
  struct Pairs {
    Real *k, *dk, *weights, *slopes, *q, *dq, *z;
    Pairs(const Head<Real>& head, Real* work)
        : k(work),
          dk(k + head.k.rows * head.k.columns),
          weights(dk + head.k.rows * head.k.columns),
          slopes(weights + head.k.rows),
          q(slopes + head.k.rows),
          dq(q + head.k.columns),
          z(dq + head.k.columns) {
      for (Index j = 0; j < head.k.rows; ++j)
        features(head.k[j], head.k.columns, k + j * head.k.columns);
    }
    // Writes the denominator and answers how many keys query i sees.
    Index weigh(const Head<Real>& head, Index i, double epsilon, Real& den) const {
      const Index n = head.n_seen(i), D = head.k.columns;
      std::fill_n(z, D, Real(0));
      for (Index j = 0; j < n; ++j) add(z, Real(1), k + j * D, D);
      features(head.q[i], D, q);
      den = dot(q, z, D) + static_cast<Real>(epsilon);
      for (Index j = 0; j < n; ++j) weights[j] = dot(q, k + j * D, D) / den;
      return n;
    }
  };

  // Calls visit(i, phi(q[i])) when `sums` hold the keys that query i sees.
  template <class Real, class Visit>
  static void each_query(const Head<Real>& head, Sums<Real>& sums, const Visit& visit) {
    Real* feature = sums.z + sums.D;
    Index seen = 0;
    for (Index i = 0; i < head.q.rows; ++i) {
      for (; seen < head.n_seen(i); ++seen) {
        features(head.k[seen], sums.D, feature);
        sums.add_row(feature, head.v[seen], Real(1));
      }
      features(head.q[i], sums.D, feature);
      visit(i, feature);
    }
  }

  double epsilon_;
};

}  // namespace

ATTNLAB_KERNEL_PLUGIN(Linear, options,
                      (attnlab::About{
                          .name = "linear",
                          .summary = "attention by features, linear in the tokens",
                          .formula = "S = phi(q).phi(k) / (row sum + epsilon), phi = elu + 1",
                          .paper = "Katharopoulos et al. 2020, arXiv 2006.16236"}))

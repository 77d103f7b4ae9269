// slaved_decoder.cpp: the theory of Scan and Snap (Tian et al. 2023, Theorems 1 and 5, Lemmas 5-9):
// Y follows the features in closed form, and only Z and the decoder's clock x move.
//
// K classes, one sample each; F = columns f_n [M, K]; h = x / M. The slaved decoder is
//
//   Y = F (F^T F)^-1 W,   W [K, M]: row n is h (M e_n - 1), with a 1 at the next token of class n
//
// so the logits of class n are f_n Y = W[n], its own token stands x above all others, and
//
//   loss of class n = log(1 + (M - 1) e^-x).
//
// With S = M/(M-1) on the diagonal, -M/(M-1)^2 elsewhere, Y (e_n - alpha_n) is column n of F Co:
//
//   gamma     = (M-1)^2 (x/M) / ((M-1) + e^x)          Co = gamma (F^T F)^-1 S
//   dx/dt     = (M/K) / ((M-1) + e^x)                  at the rate of Y
//   dz/dt     = 1/K sum_n (F Co)_n back through f_n    at the rate of Z, as are
//   dB_n/dt   = xi_n = -1/K sum_{n' != n} Co[n'][n] (f_n.f_n')
//   dGamma/dt = gamma
//
// The answer is the velocity at rate 1, turned round: a gradient step of rate r is an Euler step of
// length r. (F^T F)^-1 by Cholesky, in double; classes with equal features make it NaN.
#include <cmath>

#include "base/assert.hpp"
#include "model/yz.hpp"

namespace attnlab {
namespace {

struct Square {  // [n][n]
  double* data;
  Index n;
  double* operator[](Index r) const { return data + r * n; }
};

// F^T F, and F as dense rows, one a class.
template <class S>
Square gram(const Pass<S>& pass, Rows<double> F) {
  const YzSpace<S>& yz = pass.space.yz;
  std::fill_n(F.data, F.size(), 0.0);
  for (Index n = 0; n < F.rows; ++n)
    for (Index e = 0; e < yz.n_slots[n]; ++e)
      F[n][yz.id[n * yz.most + e]] = static_cast<double>(yz.f[n * yz.most + e]);
  const Square G{yz.gram, F.rows};
  for (Index a = 0; a < G.n; ++a) {
    for (Index b = 0; b < G.n; ++b) {
      double sum = 0;
      for (Index e = 0; e < yz.n_slots[a]; ++e) {
        const Index l = yz.id[a * yz.most + e];
        sum += F[a][l] * F[b][l];
      }
      G[a][b] = sum;
    }
  }
  return G;
}

// G = L L^T; L into the lower triangle, the upper one keeps G.
void factorise(Square G, double* diagonal) {
  for (Index r = 0; r < G.n; ++r) {
    for (Index c = 0; c <= r; ++c) {
      double sum = c == r ? G[r][r] : G[c][r];
      for (Index k = 0; k < c; ++k) sum -= (G[r][k]) * (G[c][k]);
      if (c < r)
        G[r][c] = sum / diagonal[c];
      else
        diagonal[r] = std::sqrt(sum);
    }
  }
}

// L L^T x = b, in place; x and b have `stride` numbers between two entries.
void solve(Square G, const double* diagonal, double* x, Index stride) {
  for (Index r = 0; r < G.n; ++r) {
    double sum = x[r * stride];
    for (Index k = 0; k < r; ++k) sum -= G[r][k] * x[k * stride];
    x[r * stride] = sum / diagonal[r];
  }
  for (Index r = G.n; r-- > 0;) {
    double sum = x[r * stride];
    for (Index k = r + 1; k < G.n; ++k) sum -= G[k][r] * x[k * stride];
    x[r * stride] = sum / diagonal[r];
  }
}

template <class S>
double clock_of(const Pass<S>& pass) {
  return static_cast<double>(*pass.value(pass.model.layout.find("clock")));
}

template <class S>
void turn_round(const Pass<S>& pass, const char* name, Index i, double velocity) {
  S* slope = pass.slope(pass.model.layout.find(name));
  if (slope != nullptr) slope[i] -= static_cast<S>(velocity);
}

}  // namespace

template <class S>
void slaved_outputs(const Pass<S>& pass, Rows<S> outputs) {
  const double x = clock_of(pass), M = static_cast<double>(outputs.columns);
  for (Index i = 0; i < outputs.rows; ++i) {
    std::fill_n(outputs[i], outputs.columns, static_cast<S>(-x / M));
    outputs[i][pass.batch.target_ids[i]] = static_cast<S>(x - x / M);
  }
}

template <class S>
Result<Done> slaved_velocity(const Pass<S>& pass) {
  const YzSpace<S>& yz = pass.space.yz;
  const Index K = pass.batch.n_samples;
  ATTNLAB_ASSERT(K == pass.m.classes);
  const double x = clock_of(pass), M = static_cast<double>(pass.m.vocabulary);
  const double k = static_cast<double>(K), below = M - 1 + std::exp(x);
  const double gamma = (M - 1) * (M - 1) * (x / M) / below;

  const Rows<double> F{yz.features, K, pass.m.vocabulary};
  const Square G = gram(pass, F), Co{yz.coefficients, K};
  factorise(G, yz.diagonal);
  for (Index n = 0; n < K; ++n) {
    for (Index other = 0; other < K; ++other)
      Co[other][n] = gamma * (other == n ? M / (M - 1) : -M / ((M - 1) * (M - 1)));
    solve(G, yz.diagonal, Co.data + n, K);
  }

  turn_round(pass, "clock", 0, M / k / below);
  turn_round(pass, "Gamma", 0, gamma);
  for (Index n = 0; n < K; ++n) {
    double xi = 0;
    for (Index other = 0; other < K; ++other)
      if (other != n) xi -= Co[other][n] * (other < n ? G[other][n] : G[n][other]) / k;
    turn_round(pass, "B", n, xi);
    for (Index e = 0; e < yz.n_slots[n]; ++e) {
      double g = 0;
      for (Index other = 0; other < K; ++other)
        g += F[other][yz.id[n * yz.most + e]] * Co[other][n];
      yz.d_f[e] = static_cast<S>(-g / k);
    }
    if (auto done = attention_gradient(pass, n); !done) return done;
  }
  return Done{};
}

#define ATTNLAB_FOR(S)                                   \
  template void slaved_outputs(const Pass<S>&, Rows<S>); \
  template Result<Done> slaved_velocity(const Pass<S>& pass);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab

// trajectory_test.cpp: whole trials against the same mathematics written another way.
#include <Eigen/Dense>
#include <cmath>

#include "support/trial.hpp"

namespace attnlab {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::Diary;
using testing::trial_settings;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd matrix(const std::vector<double>& numbers, Index rows, Index columns) {
  return Eigen::Map<const RowMajor>(numbers.data(), rows, columns);
}

void expect_near_all(const MatrixXd& ours, const MatrixXd& theirs, double relative) {
  EXPECT_LE((ours - theirs).norm(), relative * theirs.norm());
}

// Paper A in its compact one-hot form: with G(x) = u . V(x), u = W_1 a, p the attention and f_l =
// sum_h p_lh G(x_h),
//   r[x_h] += g y / n p_lh,   N[x_h, x_l] += g y / (n sqrt m) p_lh (G(x_h) - f_l),
//   V' = r u^T,   W_1' = (V^T r) a^T,   K' = N Q,   Q' = N^T K.
TEST(Trajectory, PaperAFollowsTheCompactFormulas) {
  constexpr Index d = 12, m = 6, hidden = 8, length = 4, n = 12, n_steps = 50;
  constexpr double rate = 0.1;
  Diary diary;
  const Ending ending = testing::run(trial_settings(), diary);
  ASSERT_EQ(ending.error, "");
  ASSERT_EQ(diary.pages.size(), static_cast<std::size_t>(n_steps + 1));

  MatrixXd Q = matrix(diary.parameter(0, "W_Q"), d, m), K = matrix(diary.parameter(0, "W_K"), d, m);
  MatrixXd V = matrix(diary.parameter(0, "W_V"), d, m),
           W = matrix(diary.parameter(0, "W_H1"), m, hidden);
  const VectorXd a = matrix(diary.parameter(0, "W_H2"), hidden, 1);
  for (std::size_t s = 0; s <= n_steps; ++s) {
    const VectorXd u = W * a, G = V * u;
    VectorXd r = VectorXd::Zero(d);
    MatrixXd N = MatrixXd::Zero(d, d);
    double loss = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& x = diary.tokens[i];
      MatrixXd p(length, length);
      VectorXd f(length);
      for (Index l = 0; l < length; ++l) {
        for (Index h = 0; h < length; ++h) {
          p(l, h) = std::exp(
              Q.row(x[static_cast<std::size_t>(l)]).dot(K.row(x[static_cast<std::size_t>(h)])) /
              std::sqrt(double{m}));
        }
        p.row(l) /= p.row(l).sum();
        f(l) = 0;
        for (Index h = 0; h < length; ++h) f(l) += p(l, h) * G(x[static_cast<std::size_t>(h)]);
      }
      const double y = diary.target_ids[i][0], margin = y * f.sum(), g = 1 / (1 + std::exp(margin));
      loss += std::log1p(std::exp(-margin)) / n;
      for (Index l = 0; l < length; ++l) {
        for (Index h = 0; h < length; ++h) {
          const auto query = x[static_cast<std::size_t>(l)], key = x[static_cast<std::size_t>(h)];
          r(key) += g * y / n * p(l, h);
          N(key, query) += g * y / (n * std::sqrt(double{m})) * p(l, h) * (G(key) - f(l));
        }
      }
    }
    ASSERT_NEAR(diary.pages[s].loss, loss, 1e-9 * loss) << "step " << s;
    const MatrixXd dV = r * u.transpose(), dW = V.transpose() * r * a.transpose(), dK = N * Q,
                   dQ = N.transpose() * K;
    if (s == 0) {
      std::vector<double> norms;
      for (const ParameterBlock& block : diary.layout.blocks) {
        if (!block.trained) continue;
        const MatrixXd& of = block.name == "W_Q"   ? dQ
                             : block.name == "W_K" ? dK
                             : block.name == "W_V" ? dV
                                                   : dW;
        norms.push_back(of.norm());
      }
      ASSERT_EQ(norms.size(), diary.pages[0].grad_norm.size());
      for (std::size_t b = 0; b < norms.size(); ++b)
        EXPECT_NEAR(diary.pages[0].grad_norm[b], norms[b], 1e-9 * norms[b]);
    }
    if (s == n_steps) break;
    V += rate * dV, W += rate * dW, K += rate * dK, Q += rate * dQ;
  }
  expect_near_all(matrix(diary.parameter(n_steps, "W_Q"), d, m), Q, 1e-9);
  expect_near_all(matrix(diary.parameter(n_steps, "W_V"), d, m), V, 1e-9);
  expect_near_all(matrix(diary.parameter(n_steps, "W_H1"), m, hidden), W, 1e-9);
}

// Paper C's theory: out = S X W_V W_O, loss half the sum of squares over samples, tokens and
// outputs.
TEST(Trajectory, TokenRegressionDescendsHalfTheSumOfSquares) {
  constexpr Index n = 2, tokens = 3, dim = 4, key = 2, value = 3, outputs = 2, n_steps = 30;
  constexpr double rate = 0.02;
  Settings patch = Settings::parse(R"({
    "task": {"plugin": "token_regression", "samples": 2, "tokens": 3, "dim": 4, "outputs": 2,
             "inputs": {"normal": 1.0}, "targets": {"normal": 1.0}},
    "loss": "squared",
    "model": {"embedding": "learned", "dim": 4, "key_dim": 2, "value_dim": 3, "output_projection": true, "readout": "tokens",
              "head": "none", "init": {"default": {"normal": 0.5}}},
    "training": {"steps": 30}})");
  patch["optimizer"] = {{"learning_rate", rate}};
  Diary diary;
  const Ending ending = testing::run(trial_settings(patch), diary);
  ASSERT_EQ(ending.error, "");
  ASSERT_TRUE(std::isnan(diary.pages[0].accuracy));

  MatrixXd Q = matrix(diary.parameter(0, "W_Q"), dim, key),
           K = matrix(diary.parameter(0, "W_K"), dim, key);
  MatrixXd V = matrix(diary.parameter(0, "W_V"), dim, value),
           O = matrix(diary.parameter(0, "W_O"), value, outputs);
  for (std::size_t s = 0; s <= n_steps; ++s) {
    MatrixXd dQ = 0 * Q, dK = 0 * K, dV = 0 * V, dO = 0 * O;
    double loss = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const MatrixXd X = matrix(diary.inputs[i], tokens, dim),
                     Y = matrix(diary.targets[i], tokens, outputs);
      MatrixXd S = (X * Q * (X * K).transpose() / std::sqrt(double{key})).array().exp();
      const VectorXd sums = S.rowwise().sum();
      for (Index t = 0; t < tokens; ++t) S.row(t) /= sums(t);
      const MatrixXd E = S * X * V * O - Y, dS = E * (X * V * O).transpose();
      const VectorXd mean = (S.array() * dS.array()).rowwise().sum();
      const MatrixXd dA = S.array() * (dS.colwise() - mean).array() / std::sqrt(double{key});
      loss += 0.5 * E.squaredNorm();
      dO += (S * X * V).transpose() * E, dV += (S * X).transpose() * E * O.transpose();
      dQ += X.transpose() * dA * X * K, dK += X.transpose() * dA.transpose() * X * Q;
    }
    ASSERT_NEAR(diary.pages[s].loss, loss, 1e-9 * loss) << "step " << s;
    Q -= rate * dQ, K -= rate * dK, V -= rate * dV, O -= rate * dO;
  }
}

}  // namespace
}  // namespace attnlab

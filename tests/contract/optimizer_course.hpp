// optimizer_course.hpp: drives an optimizer plugin through its C table on any loss of any matrices.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/random.hpp"
#include "contract/optimizer_drive.hpp"

namespace attnlab::contract {

struct Matrix {
  std::string name;
  std::int64_t n_heads = 1, rows = 1, columns = 1;
  std::int64_t size() const { return n_heads * rows * columns; }
};

// The loss at p, and its gradient.
template <class Number>
using Loss = std::function<double(const Number* p, Number* gradient)>;

// One training run of n_steps; rates are 1 until changed.
template <class Number>
class Course {
 public:
  Course(const Settings& settings, const std::vector<Matrix>& matrices, Loss<Number> loss_at,
         std::int64_t n_steps)
      : rates(matrices.size(), 1.0), loss_(std::move(loss_at)) {
    std::vector<attnlab_block> blocks;
    std::int64_t n = 0;
    for (const Matrix& m : matrices) {
      blocks.push_back(
          {sizeof(attnlab_block), 0, m.name.c_str(), n, m.size(), m.n_heads, m.rows, m.columns});
      n += m.size();
    }
    const attnlab_problem problem{
        sizeof problem, 0, n, n_steps, static_cast<std::int64_t>(blocks.size()), blocks.data()};
    auto made = Optimizer::create(built_plugins(), settings, problem);
    if (!made) {
      refusal = sentence(made.errors()[0]);
      return;
    }
    optimizer = std::make_unique<Optimizer>(*made);
    p.resize(static_cast<std::size_t>(n));
    g.resize(p.size());
    const auto bytes = optimizer->table().n_state_bytes(optimizer->self(), sizeof(Number));
    state.assign(static_cast<std::size_t>(bytes) / sizeof(double) + 1, 0.0);
  }

  // Normal numbers, the same for every run with this spread.
  void start(double spread) {
    for (std::size_t i = 0; i < p.size(); ++i) {
      p[i] = static_cast<Number>(spread * random_normal(7, 1, i));
    }
  }

  // One step from the gradient at p, or from the one that is given.
  bool step() {
    n_evaluated = 1;
    const double loss = loss_(p.data(), g.data());
    return step_with_gradient(loss);
  }
  bool step_with_gradient(double loss) {
    attnlab_step lent{};
    lent.struct_size = sizeof lent;
    lent.step = n_done++;
    lent.rates = rates.data();
    lent.momentum = std::numeric_limits<double>::quiet_NaN();
    lent.loss = loss;
    lent.self = this;
    lent.time = &time;
    const attnlab_optimizer& table = optimizer->table();
    if constexpr (std::is_same_v<Number, float>) {
      lent.evaluate_f32 = evaluate;
      return table.step_f32(optimizer->self(), &lent, p.data(), g.data(), state.data()) ==
             ATTNLAB_OK;
    } else {
      lent.evaluate_f64 = evaluate;
      return table.step_f64(optimizer->self(), &lent, p.data(), g.data(), state.data()) ==
             ATTNLAB_OK;
    }
  }
  void run(std::int64_t n_steps) {
    for (std::int64_t s = 0; s < n_steps; ++s) {
      ASSERT_TRUE(step()) << optimizer->failure("step").what;
    }
  }

  std::string refusal;  // why there is no optimizer
  std::unique_ptr<Optimizer> optimizer;
  std::vector<Number> p, g;
  std::vector<double> rates, state;
  double time = 0;
  std::int64_t n_done = 0;
  std::int64_t n_evaluated = 0;  // in the last step, with the first

 private:
  static attnlab_status evaluate(void* self, const Number* at, double* loss, Number* gradient) {
    auto& it = *static_cast<Course*>(self);
    ++it.n_evaluated;
    *loss = it.loss_(at, gradient);
    return ATTNLAB_OK;
  }
  Loss<Number> loss_;
};

// l = sum (f(x) - target)^2 / 2 over samples, f(x) = sum_h tanh(x A_h) B_h + b, with x [6][3], A
// [2][3][4], B [2][4][2], b [2].
struct Network {
  static constexpr int samples = 6, heads = 2, in = 3, hidden = 4, out = 2;
  std::vector<double> x = numbers(samples * in, 2), target = numbers(samples * out, 3);

  static std::vector<Matrix> matrices() {
    return {{"W_V", heads, in, hidden}, {"W_O", heads, hidden, out}, {"b_O", 1, 1, out}};
  }
  static std::vector<double> numbers(int n, std::uint64_t stream) {
    std::vector<double> drawn(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < drawn.size(); ++i) drawn[i] = random_normal(7, stream, i);
    return drawn;
  }

  template <class Number>
  double operator()(const Number* p, Number* gradient) const {
    constexpr int n_a = heads * in * hidden, n_b = heads * hidden * out;
    double loss = 0, at[n_a + n_b + out], slope[n_a + n_b + out] = {};
    for (int i = 0; i < n_a + n_b + out; ++i) at[i] = static_cast<double>(p[i]);
    const double *a = at, *b = at + n_a, *bias = b + n_b;
    double *da = slope, *db = slope + n_a, *dbias = db + n_b;
    for (int s = 0; s < samples; ++s) {
      const double *x_s = &x[std::size_t(s * in)], *t_s = &target[std::size_t(s * out)];
      double unit[heads * hidden], error[out];
      for (int u = 0; u < heads * hidden; ++u) {
        double sum = 0;
        for (int i = 0; i < in; ++i) {
          sum += x_s[i] * a[(u / hidden * in + i) * hidden + u % hidden];
        }
        unit[u] = std::tanh(sum);
      }
      for (int o = 0; o < out; ++o) {
        error[o] = bias[o] - t_s[o];
        for (int u = 0; u < heads * hidden; ++u) error[o] += unit[u] * b[u * out + o];
        loss += error[o] * error[o] / 2;
        dbias[o] += error[o];
      }
      for (int u = 0; u < heads * hidden; ++u) {
        double back = 0;
        for (int o = 0; o < out; ++o) {
          db[u * out + o] += unit[u] * error[o];
          back += error[o] * b[u * out + o];
        }
        back *= 1 - unit[u] * unit[u];
        for (int i = 0; i < in; ++i) {
          da[(u / hidden * in + i) * hidden + u % hidden] += x_s[i] * back;
        }
      }
    }
    for (int i = 0; i < n_a + n_b + out; ++i) gradient[i] = static_cast<Number>(slope[i]);
    return loss;
  }
};

}  // namespace attnlab::contract

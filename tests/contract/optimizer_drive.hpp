// optimizer_drive.hpp: drives an optimizer plugin through its C table, on a quadratic or on given
// gradients.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "host/plugins.hpp"

namespace attnlab::contract {

inline const Plugins& built_plugins() {
  static const Plugins plugins = [] {
    const std::filesystem::path folder =
        std::filesystem::path(ATTNLAB_BINARY_DIR) / "lib/attnlab/plugins";
    return *Plugins::scan({folder}, folder);
  }();
  return plugins;
}

// Two matrices, [2][3] and one of two heads [2][1][2]: n = 10.
inline constexpr std::int64_t n_numbers = 10;

// l(p) = sum_i c_i (p_i - a_i)^2 / 2 with c from 0.5 to 1.4 and minimum a_i = i / 10.
template <class Number>
double quadratic(const Number* p, Number* gradient) {
  double loss = 0;
  for (std::int64_t i = 0; i < n_numbers; ++i) {
    const double c = 0.5 + 0.1 * static_cast<double>(i), a = 0.1 * static_cast<double>(i);
    const double off = static_cast<double>(p[i]) - a;
    loss += c * off * off / 2;
    gradient[i] = static_cast<Number>(c * off);
  }
  return loss;
}

// One training run of one optimizer; numbers beside its buffers show if it writes where it should
// not.
template <class Number>
class Drive {
 public:
  Drive(const Plugins& plugins, const Settings& settings)
      : parameters(buffer(n_numbers)), gradient(buffer(n_numbers)) {
    attnlab_block first{sizeof(attnlab_block), 0, "W_Q", 0, 6, 1, 2, 3};
    attnlab_block second{sizeof(attnlab_block), 0, "W_K", 6, 4, 2, 1, 2};
    const attnlab_block blocks[] = {first, second};
    const attnlab_problem problem{sizeof problem, 0, n_numbers, 100, 2, blocks};
    auto made = Optimizer::create(plugins, settings, problem);
    if (!made) {
      ADD_FAILURE() << sentence(made.errors()[0]);
      return;
    }
    optimizer = std::make_unique<Optimizer>(*made);
    const auto bytes = optimizer->table().n_state_bytes(optimizer->self(), sizeof(Number));
    state.assign(static_cast<std::size_t>(bytes) / sizeof(double) + 1 + guard, 0.0);
    for (std::size_t i = state.size() - guard; i < state.size(); ++i) state[i] = mark;
    for (std::int64_t i = 0; i < n_numbers; ++i) {
      p()[i] = static_cast<Number>(i % 2 == 0 ? 1.0 : -1.0);
    }
  }

  Number* p() { return parameters.data() + guard; }
  Number* g() { return gradient.data() + guard; }

  // One step with the gradient that stands in g().
  bool step(double loss = 0) {
    attnlab_step lent{};
    lent.struct_size = sizeof lent;
    lent.step = n_done;
    lent.rates = rates;
    lent.momentum = momentum;
    lent.loss = loss;
    lent.self = this;
    lent.evaluate_f32 = evaluate<float>;
    lent.evaluate_f64 = evaluate<double>;
    lent.time = &time;
    ++n_done;
    if constexpr (std::is_same_v<Number, float>) {
      return optimizer->table().step_f32(optimizer->self(), &lent, p(), g(), state.data()) ==
             ATTNLAB_OK;
    } else {
      return optimizer->table().step_f64(optimizer->self(), &lent, p(), g(), state.data()) ==
             ATTNLAB_OK;
    }
  }

  bool descend(int n_steps) {  // on the quadratic
    for (int s = 0; s < n_steps; ++s) {
      const double loss = quadratic(p(), g());
      if (!step(loss)) return false;
    }
    return true;
  }
  double loss() { return quadratic(p(), g()); }

  bool guards_hold() const {
    const auto both_ends = [](const std::vector<Number>& numbers) {
      for (std::size_t i = 0; i < guard; ++i) {
        if (numbers[i] != Number{mark} || numbers[numbers.size() - 1 - i] != Number{mark}) {
          return false;
        }
      }
      return true;
    };
    for (std::size_t i = state.size() - guard; i < state.size(); ++i) {
      if (state[i] != mark) return false;
    }
    return both_ends(parameters) && both_ends(gradient);
  }

  std::unique_ptr<Optimizer> optimizer;
  std::vector<Number> parameters, gradient;
  std::vector<double> state;
  double rates[2] = {0.05, 0.05};
  double momentum = std::numeric_limits<double>::quiet_NaN();
  double time = 0;
  std::int64_t n_done = 0;

 private:
  static constexpr std::size_t guard = 8;
  static constexpr float mark = 12345;

  static std::vector<Number> buffer(std::int64_t n) {
    return std::vector<Number>(static_cast<std::size_t>(n) + 2 * guard, Number{mark});
  }
  template <class Asked>
  static attnlab_status evaluate(void*, const Asked* at, double* loss, Asked* gradient) {
    *loss = quadratic(at, gradient);
    return ATTNLAB_OK;
  }
};

}  // namespace attnlab::contract

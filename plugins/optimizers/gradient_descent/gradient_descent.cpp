// gradient_descent.cpp: gradient descent with momentum, as in PyTorch's SGD with dampening 0.
//
//   g  = gradient + weight_decay p
//   v  = momentum v + g            (v starts at zero, so v = g at the first step)
//   p -= rate (g + momentum v)     with nesterov
//   p -= rate v                    without
//
// p g v [n]; the rate belongs to the block. State: v.
#include <attnlab/optimizer.hpp>
#include <cmath>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::real("momentum", "0", 0, 1, "1",
                 "share of the last update's direction that is kept; a schedule may replace it"),
    option::boolean("nesterov", "false", "look ahead along the momentum (Nesterov)"),
    option::real("weight_decay", "0", 0, option::infinity, "1",
                 "added to the gradient, times the parameter"),
};

struct GradientDescent {
  GradientDescent(const Options& given, const Problem& problem)
      : momentum(given.real("momentum")),
        nesterov(given.boolean("nesterov")),
        weight_decay(given.real("weight_decay")),
        n(problem.n),
        blocks(problem.blocks) {
    if (nesterov && momentum <= 0) throw Failure("nesterov needs a momentum above 0");
  }

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const { return n * bytes_per_number; }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    const double asked = std::isnan(step.momentum()) ? momentum : step.momentum();
    const auto mu = static_cast<Number>(asked);
    const auto decay = static_cast<Number>(weight_decay);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto rate = static_cast<Number>(step.rate(b));
      Number* const p = parameters.data() + blocks[b].offset;
      const Number* const g = gradient.data() + blocks[b].offset;
      if (asked > 0) {
        Number* const v = static_cast<Number*>(state) + blocks[b].offset;
        for (std::int64_t i = 0; i < blocks[b].size; ++i) {
          const Number slope = g[i] + decay * p[i];
          v[i] = mu * v[i] + slope;
          p[i] -= rate * (nesterov ? slope + mu * v[i] : v[i]);
        }
      } else {
        for (std::int64_t i = 0; i < blocks[b].size; ++i) p[i] -= rate * (g[i] + decay * p[i]);
      }
    }
  }

  double momentum;
  bool nesterov;
  double weight_decay;
  std::int64_t n;
  std::vector<Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(GradientDescent, options, 0.01,
                         (About{.name = "gradient_descent",
                                .summary = "Gradient descent, with momentum, Nesterov's look-ahead "
                                           "and weight decay as in PyTorch's SGD.",
                                .formula = "g += weight_decay p; v = momentum v + g; "
                                           "p -= rate v (nesterov: p -= rate (g + momentum v))",
                                .paper = "Polyak 1964; Nesterov 1983; Sutskever et al. 2013"}))

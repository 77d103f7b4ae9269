// adam.cpp: Adam, and AdamW by its decoupled decay, in the arithmetic of PyTorch.
//
//   g  = gradient + weight_decay p          unless decoupled;  decoupled: p *= 1 - rate
//   weight_decay m  = beta1 m + (1 - beta1) g v  = beta2 v + (1 - beta2) g^2 p -= rate / (1 -
//   beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)      t from 1
//
// (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019.) A momentum that the schedule asks for
// stands in for beta1, in the bias correction too. p g m v [n]. State: m, then v.
#include <attnlab/optimizer.hpp>
#include <cmath>

namespace {
using namespace attnlab;

constexpr double below_one = 1.0 - 0x1.0p-53;

constexpr std::array options{
    option::real("beta1", "0.9", 0, below_one, "1",
                 "memory of the mean gradient; a schedule may replace it"),
    option::real("beta2", "0.999", 0, below_one, "1", "memory of the mean squared gradient"),
    option::real("epsilon", "1e-8", 0, option::infinity, "1",
                 "added to the root of the mean square"),
    option::real("weight_decay", "0", 0, option::infinity, "1", "pull of the parameters towards 0"),
    option::boolean("decoupled", "false",
                    "decay the parameters themselves (AdamW) instead of adding to the gradient"),
};

struct Adam {
  Adam(const Options& given, const Problem& problem)
      : beta1(given.real("beta1")),
        beta2(given.real("beta2")),
        epsilon(given.real("epsilon")),
        weight_decay(given.real("weight_decay")),
        decoupled(given.boolean("decoupled")),
        n(problem.n),
        blocks(problem.blocks) {}

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const {
    return 2 * n * bytes_per_number;
  }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    const double first = std::isnan(step.momentum()) ? beta1 : step.momentum();
    const double t = static_cast<double>(step.number()) + 1;
    const double first_correction = 1 - std::pow(first, t);
    const auto b1 = static_cast<Number>(first), rest1 = static_cast<Number>(1 - first);
    const auto b2 = static_cast<Number>(beta2), rest2 = static_cast<Number>(1 - beta2);
    const auto root2 = static_cast<Number>(std::sqrt(1 - std::pow(beta2, t)));
    const auto added = static_cast<Number>(epsilon);
    const auto into_gradient = static_cast<Number>(decoupled ? 0 : weight_decay);

    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const double rate = step.rate(b);
      const auto size = static_cast<Number>(rate / first_correction);
      const auto kept = static_cast<Number>(decoupled ? 1 - rate * weight_decay : 1);
      Number* const p = parameters.data() + blocks[b].offset;
      const Number* const g = gradient.data() + blocks[b].offset;
      Number* const m = static_cast<Number*>(state) + blocks[b].offset;
      Number* const v = m + n;
      for (std::int64_t i = 0; i < blocks[b].size; ++i) {
        const Number slope = g[i] + into_gradient * p[i];
        m[i] = b1 * m[i] + rest1 * slope;
        v[i] = b2 * v[i] + rest2 * slope * slope;
        p[i] = kept * p[i] - size * m[i] / (std::sqrt(v[i]) / root2 + added);
      }
    }
  }

  double beta1, beta2, epsilon, weight_decay;
  bool decoupled;
  std::int64_t n;
  std::vector<Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Adam, options, 0.001,
                         (About{
                             .name = "adam",
                             .summary = "Adam with bias correction; AdamW if the decay is "
                                        "decoupled.",
                             .formula = "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) "
                                        "g^2; p -= rate m^ / (sqrt(v^) + epsilon), m^ = m / (1 - "
                                        "beta1^t), v^ = v / (1 - beta2^t)",
                             .paper = "Kingma & Ba 2015 (arXiv 1412.6980); Loshchilov & Hutter "
                                      "2019 (arXiv 1711.05101)"}))

// rmsprop.cpp: RMSprop, as in PyTorch.
//
//   g  = gradient + weight_decay p
//   s  = decay s + (1 - decay) g^2
//   u  = momentum u + g / (sqrt(s) + epsilon)
//   p -= rate u
//
// (Tieleman & Hinton 2012.) p g s u [n]. State: s, then u.
#include <attnlab/optimizer.hpp>
#include <cmath>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::real("decay", "0.99", 0, 1, "1", "memory of the mean squared gradient"),
    option::real("epsilon", "1e-8", 0, option::infinity, "1",
                 "added to the root of the mean square"),
    option::real("momentum", "0", 0, 1, "1",
                 "share of the last update that is kept; a schedule may replace it"),
    option::real("weight_decay", "0", 0, option::infinity, "1",
                 "added to the gradient, times the parameters"),
};

struct Rmsprop {
  Rmsprop(const Options& given, const Problem& problem)
      : decay(given.real("decay")),
        epsilon(given.real("epsilon")),
        momentum(given.real("momentum")),
        weight_decay(given.real("weight_decay")),
        n(problem.n),
        blocks(problem.blocks) {}

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const {
    return 2 * n * bytes_per_number;
  }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    const auto kept = static_cast<Number>(decay), fresh = static_cast<Number>(1 - decay);
    const auto pull = static_cast<Number>(weight_decay);
    const auto added = static_cast<Number>(epsilon);
    const double asked = std::isnan(step.momentum()) ? momentum : step.momentum();
    const auto mu = static_cast<Number>(asked);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto rate = static_cast<Number>(step.rate(b));
      Number* const p = parameters.data() + blocks[b].offset;
      const Number* const given = gradient.data() + blocks[b].offset;
      Number* const s = static_cast<Number*>(state) + blocks[b].offset;
      Number* const u = s + n;
      for (std::int64_t i = 0; i < blocks[b].size; ++i) {
        const Number g = given[i] + pull * p[i];
        s[i] = kept * s[i] + fresh * g * g;
        Number update = g / (std::sqrt(s[i]) + added);
        if (asked > 0) update = u[i] = mu * u[i] + update;
        p[i] -= rate * update;
      }
    }
  }

  double decay, epsilon, momentum, weight_decay;
  std::int64_t n;
  std::vector<Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Rmsprop, options, 0.01,
                         (About{.name = "rmsprop",
                                .summary = "RMSprop: steps divided by the root of a running mean "
                                           "square of the gradient.",
                                .formula = "g += weight_decay p; s = decay s + (1 - decay) g^2; "
                                           "u = momentum u + g / (sqrt(s) + epsilon); p -= rate u",
                                .paper = "Tieleman & Hinton 2012 (Coursera, lecture 6.5)"}))

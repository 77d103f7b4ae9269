// sign.cpp: sign descent: every parameter moves by the rate, against the sign of its gradient.
//
//   g += weight_decay p
//   m  = momentum m + (1 - momentum) g           momentum 1: m + g, since only the sign counts
//   p -= rate sign(m)                            sign(0) = 0
//
// (Bernstein et al. 2018, signSGD and Signum.) p g m [n]. State: m.
#include <attnlab/optimizer.hpp>
#include <cmath>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::real("momentum", "0", 0, 1, "1",
                 "memory of the mean gradient whose sign counts; a schedule may replace it"),
    option::real("weight_decay", "0", 0, option::infinity, "1",
                 "times the parameters, added to their gradient"),
};

struct Sign {
  Sign(const Options& given, const Problem& problem)
      : momentum(given.real("momentum")),
        weight_decay(given.real("weight_decay")),
        n(problem.n),
        blocks(problem.blocks) {}

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const { return n * bytes_per_number; }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    const double memory = std::isnan(step.momentum()) ? momentum : step.momentum();
    const auto kept = static_cast<Number>(memory);
    const auto fresh = static_cast<Number>(memory < 1 ? 1 - memory : 1);
    const auto decay = static_cast<Number>(weight_decay);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto rate = static_cast<Number>(step.rate(b));
      Number* const p = parameters.data() + blocks[b].offset;
      Number* const m = static_cast<Number*>(state) + blocks[b].offset;
      const Number* const g = gradient.data() + blocks[b].offset;
      for (std::int64_t i = 0; i < blocks[b].size; ++i) {
        const Number pulled = decay != 0 ? g[i] + decay * p[i] : g[i];
        m[i] = kept * m[i] + fresh * pulled;
        // A NaN stays one: it must be seen, not hidden behind a sign.
        const Number sign = std::isnan(m[i]) ? m[i] : static_cast<Number>((m[i] > 0) - (m[i] < 0));
        p[i] -= rate * sign;
      }
    }
  }

  double momentum, weight_decay;
  std::int64_t n;
  std::vector<Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Sign, options, 0.001,
                         (About{.name = "sign",
                                .summary = "Sign descent (signSGD; Signum with momentum): only the "
                                           "sign of each gradient counts.",
                                .formula = "g += weight_decay p; m = momentum m + (1 - momentum) "
                                           "g; p -= rate sign(m)",
                                .paper = "Bernstein et al. 2018 (arXiv 1802.04434)"}))

// half_rate.cpp: gradient descent at a share of the rate: the smallest optimizer that somebody
// would write.
#include <attnlab/optimizer.hpp>

namespace {

constexpr std::array options{
    attnlab::option::real("share", "0.5", 0, 1, "1", "share of the rate that is used"),
};

struct HalfRate {
  HalfRate(const attnlab::Options& given, const attnlab::Problem& problem)
      : share(given.real("share")), blocks(problem.blocks) {}

  std::int64_t n_state_bytes(std::int64_t) const { return 0; }

  template <class Number>
  void step(const attnlab::Step<Number>& step, std::span<Number> parameters,
            std::span<Number> gradient, void*) const {
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto first = static_cast<std::size_t>(blocks[b].offset);
      for (std::size_t i = first; i < first + static_cast<std::size_t>(blocks[b].size); ++i) {
        parameters[i] -= static_cast<Number>(share * step.rate(b)) * gradient[i];
      }
    }
  }

  double share;
  std::vector<attnlab::Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(HalfRate, options, 0.1,
                         (attnlab::About{.name = "half_rate", .summary = "Half as fast."}))

// muon.cpp: momentum, made orthogonal matrix by matrix; Adam for all that is not a hidden matrix.
//
//   v  = momentum v + g,   u = g + momentum v (nesterov) or v
//   O  = the semi-orthogonal matrix next to u, by Newton-Schulz steps, for each head by itself
//   p  = (1 - rate weight_decay) p - rate scale O
//   scale = sqrt(max(1, outputs / inputs)), or 0.2 sqrt(max(outputs, inputs)) for match_adam
//
// (Jordan et al. 2024; the second scale: Liu et al. 2025.) Matrices here are [inputs][outputs], the
// transpose of PyTorch's. Vectors (one row or one column in a head) and the matrices named in
// adam_matrices go by Adam with decoupled decay. p g v m s [n]. State: v or m, then s, Adam's mean
// square.
#include <attnlab/optimizer.hpp>
#include <cmath>
#include <memory>
#include <string_view>

#include "orthogonalise.hpp"

namespace {
using namespace attnlab;

constexpr double below_one = 1.0 - 0x1.0p-53;

constexpr std::array options{
    option::real("momentum", "0.95", 0, below_one, "1",
                 "share of the last velocity that is kept; a schedule may replace it"),
    option::boolean("nesterov", "true", "look ahead along the velocity"),
    option::integer("newton_schulz_steps", "5", 1, 100, "1",
                    "steps towards an orthogonal matrix; more do not come nearer than about 0.3"),
    option::choice("scale", "\"original\"", "original|match_adam",
                   "size of an update: sqrt(max(1, outputs / inputs)), or 0.2 sqrt(max(outputs, "
                   "inputs)), which suits rates tuned for Adam"),
    option::real("weight_decay", "0", 0, option::infinity, "1",
                 "pull of the parameters towards 0, decoupled"),
    option::text("adam_matrices", "\"W_E W_P W_C\"",
                 "names, divided by spaces, of matrices that Adam updates; vectors always are"),
    option::real("adam_rate_factor", "1", 0, option::infinity, "1",
                 "times the learning rate, for what Adam updates"),
    option::real("beta1", "0.9", 0, below_one, "1", "Adam: memory of the mean gradient"),
    option::real("beta2", "0.999", 0, below_one, "1", "Adam: memory of the mean squared gradient"),
    option::real("epsilon", "1e-8", 0, option::infinity, "1",
                 "Adam: added to the root of the mean square"),
};

// Is `name`, with or without its prefix "layer3.", one of the words in `list`?
bool names(std::string_view list, std::string_view name) {
  const std::string_view bare = name.substr(name.find('.') + 1);  // npos + 1 is 0
  while (!list.empty()) {
    const auto end = std::min(list.find(' '), list.size());
    const std::string_view word = list.substr(0, end);
    if (!word.empty() && (word == name || word == bare)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

struct Muon {
  Muon(const Options& given, const Problem& problem)
      : momentum(given.real("momentum")),
        nesterov(given.boolean("nesterov")),
        n_newton(given.integer("newton_schulz_steps")),
        match_adam(given.text("scale") == "match_adam"),
        weight_decay(given.real("weight_decay")),
        adam_rate_factor(given.real("adam_rate_factor")),
        beta1(given.real("beta1")),
        beta2(given.real("beta2")),
        epsilon(given.real("epsilon")),
        n(problem.n),
        blocks(problem.blocks) {
    std::int64_t largest = 0;
    for (const Block& block : blocks) {
      by_adam.push_back(block.rows == 1 || block.columns == 1 ||
                        names(given.text("adam_matrices"), block.name));
      if (!by_adam.back()) {
        largest = std::max(largest, muon::n_scratch(block.rows, block.columns));
      }
    }
    scratch = std::make_unique<double[]>(static_cast<std::size_t>(largest));
    scratch_f32 = std::make_unique<float[]>(static_cast<std::size_t>(largest));
  }

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const {
    return 2 * n * bytes_per_number;
  }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const std::int64_t at = blocks[b].offset;
      Number* const p = parameters.data() + at;
      Number* const g = gradient.data() + at;
      Number* const v = static_cast<Number*>(state) + at;
      if (by_adam[b]) {
        adam(step, b, p, g, v, v + n);
      } else {
        orthogonal(step, b, p, g, v);
      }
    }
  }

  template <class Number>
  void orthogonal(const Step<Number>& step, std::size_t b, Number* p, Number* g, Number* v) const {
    const Block& block = blocks[b];
    const auto mu = static_cast<Number>(std::isnan(step.momentum()) ? momentum : step.momentum());
    for (std::int64_t i = 0; i < block.size; ++i) {
      v[i] = mu * v[i] + g[i];
      g[i] = nesterov ? g[i] + mu * v[i] : v[i];
    }
    const auto inputs = static_cast<double>(block.rows);
    const auto outputs = static_cast<double>(block.columns);
    const double scale = match_adam ? 0.2 * std::sqrt(std::max(inputs, outputs))
                                    : std::sqrt(std::max(1.0, outputs / inputs));
    const double rate = step.rate(b);
    const auto size = static_cast<Number>(rate * scale);
    const auto kept = static_cast<Number>(1 - rate * weight_decay);
    const std::int64_t n_head = block.rows * block.columns;
    for (std::int64_t h = 0; h < block.n_heads; ++h) {
      muon::orthogonalise(g + h * n_head, block.rows, block.columns, n_newton, room<Number>());
    }
    for (std::int64_t i = 0; i < block.size; ++i) p[i] = kept * p[i] - size * g[i];
  }

  template <class Number>
  void adam(const Step<Number>& step, std::size_t b, Number* p, const Number* g, Number* m,
            Number* s) const {
    const double t = static_cast<double>(step.number()) + 1;
    const double rate = step.rate(b) * adam_rate_factor;
    const auto b1 = static_cast<Number>(beta1), rest1 = static_cast<Number>(1 - beta1);
    const auto b2 = static_cast<Number>(beta2), rest2 = static_cast<Number>(1 - beta2);
    const auto root2 = static_cast<Number>(std::sqrt(1 - std::pow(beta2, t)));
    const auto size = static_cast<Number>(rate / (1 - std::pow(beta1, t)));
    const auto kept = static_cast<Number>(1 - rate * weight_decay);
    const auto added = static_cast<Number>(epsilon);
    for (std::int64_t i = 0; i < blocks[b].size; ++i) {
      m[i] = b1 * m[i] + rest1 * g[i];
      s[i] = b2 * s[i] + rest2 * g[i] * g[i];
      p[i] = kept * p[i] - size * m[i] / (std::sqrt(s[i]) / root2 + added);
    }
  }

  template <class Number>
  Number* room() const {
    if constexpr (std::is_same_v<Number, float>) {
      return scratch_f32.get();
    } else {
      return scratch.get();
    }
  }

  double momentum;
  bool nesterov;
  std::int64_t n_newton;
  bool match_adam;
  double weight_decay, adam_rate_factor, beta1, beta2, epsilon;
  std::int64_t n;
  std::vector<Block> blocks;
  std::vector<bool> by_adam;
  std::unique_ptr<double[]> scratch;  // for one matrix; nothing in it outlives a step
  std::unique_ptr<float[]> scratch_f32;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Muon, options, 0.02,
                         (About{.name = "muon",
                                .summary = "Momentum made orthogonal matrix by matrix; Adam for "
                                           "vectors and embeddings.",
                                .formula = "v = momentum v + g; p -= rate scale "
                                           "orthogonal(g + momentum v), scale = sqrt(max(1, "
                                           "outputs / inputs))",
                                .paper = "Jordan et al. 2024 (kellerjordan.github.io/posts/muon); "
                                         "Liu et al. 2025 (arXiv 2502.16982)"}))

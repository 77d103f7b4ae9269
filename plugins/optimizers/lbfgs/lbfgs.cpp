// lbfgs.cpp: limited-memory BFGS, one iteration a step, in the arithmetic of torch.optim.LBFGS with
// max_iter = 1.
//
//   y = g - g before,  s = t d of the step before,  kept if y.s > 1e-10, the newest history_size
//   d = -H g by the two-loop recursion, begun with H = (y.s / y.y) I    (Nocedal 1980)
//   p = p + t d,  t by the strong Wolfe conditions, tried first at the rate
//
// Rates that differ between matrices weigh them: with w = sqrt(rate / largest rate) the method runs
// on p / w, whose gradient is w g; a matrix of rate 0 rests. Dots add up in double precision.
// p g d y s [n]. State: Memory, rho [history], then d, g before, ys and ss [history][n] of Number.
#include <attnlab/optimizer.hpp>
#include <cmath>
#include <memory>

#include "strong_wolfe.hpp"

namespace {
using namespace attnlab;

constexpr std::array options{
    option::integer("history_size", "10", 1, 10000, "1", "pairs of steps and gradients kept"),
    option::choice("line_search", "\"strong_wolfe\"", "strong_wolfe|none",
                   "none: every step has the length of the learning rate"),
    option::integer("max_evaluations", "25", 1, 10000, "1",
                    "evaluations that a line search may ask for after its first"),
    option::real("tolerance_grad", "1e-7", 0, option::infinity, "1",
                 "no step is made once no number of the gradient is larger"),
    option::real("tolerance_change", "1e-9", 0, option::infinity, "1",
                 "no step is made if the slope is smaller; a bracket so small ends a line search"),
};

struct Memory {
  double begun = 0;   // 1 after the first iteration
  double n_kept = 0;  // pairs in the history
  double oldest = 0;  // where in the ring the oldest stands
  double h = 1;       // y.s / y.y of the newest
  double t = 0;       // length of the last step, in units of d
};

template <class Number>
double dot(std::span<const Number> a, std::span<const Number> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

template <class Number>
double largest(std::span<const Number> a) {
  double most = 0;
  for (const Number x : a) most = std::max(most, std::abs(static_cast<double>(x)));
  return most;
}

// a += factor b
template <class Number>
void add(std::span<Number> a, double factor, std::span<const Number> b) {
  const auto times = static_cast<Number>(factor);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += times * b[i];
}

// The host's bytes, cut into what they hold.
template <class Number>
struct State {
  State(void* bytes, std::size_t n_numbers, std::size_t history)
      : memory(*static_cast<Memory*>(bytes)),
        rho(reinterpret_cast<double*>(&memory + 1)),
        n(n_numbers),
        ring(history),
        numbers(reinterpret_cast<Number*>(rho + history)) {}

  std::span<Number> direction() const { return {numbers, n}; }
  std::span<Number> gradient_before() const { return {numbers + n, n}; }
  // Pair i of the history, the oldest first.
  std::span<Number> y(std::size_t i) const { return {numbers + (2 + slot(i)) * n, n}; }
  std::span<Number> s(std::size_t i) const { return {numbers + (2 + ring + slot(i)) * n, n}; }
  double& rho_of(std::size_t i) const { return rho[slot(i)]; }
  std::size_t n_kept() const { return static_cast<std::size_t>(memory.n_kept); }
  std::size_t slot(std::size_t i) const {
    return (static_cast<std::size_t>(memory.oldest) + i) % ring;
  }

  Memory& memory;
  double* rho;
  std::size_t n, ring;
  Number* numbers;
};

struct Lbfgs {
  Lbfgs(const Options& given, const Problem& problem)
      : history(static_cast<std::size_t>(given.integer("history_size"))),
        searches(given.text("line_search") == "strong_wolfe"),
        max_evaluations(given.integer("max_evaluations")),
        tolerance_grad(given.real("tolerance_grad")),
        tolerance_change(given.real("tolerance_change")),
        n(static_cast<std::size_t>(problem.n)),
        blocks(problem.blocks),
        weights(std::make_unique<double[]>(blocks.size())),
        shares(std::make_unique<double[]>(history)),
        start(std::make_unique<double[]>(n)) {}

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const {
    const std::size_t numbers = (2 + 2 * history) * n;
    return static_cast<std::int64_t>(sizeof(Memory) + history * sizeof(double)) +
           static_cast<std::int64_t>(numbers) * bytes_per_number;
  }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> p, std::span<Number> g, void* bytes) const {
    const State<Number> state(bytes, n, history);
    const double rate = weigh(step);
    if (rate == 0) return;
    weigh_gradient(g);
    const double sum = sum_of_sizes<Number>(g);
    if (!std::isfinite(
            sum)) {  // the host sees it as parameters, and so a loss, that are not finite
      return add<Number>(p, -1, g);
    }
    if (largest<Number>(g) <= tolerance_grad) return;

    Memory& memory = state.memory;
    const bool first = memory.begun == 0;
    if (first) memory.h = 1;
    if (!first) learn<Number>(state, g);
    find_direction<Number>(state, g);
    std::copy(g.begin(), g.end(), state.gradient_before().begin());
    memory.begun = 1;
    memory.t = first ? std::min(1.0, 1 / sum) * rate : rate;

    const auto d = state.direction();
    const double slope = dot<Number>(g, d);
    if (slope > -tolerance_change) return;
    for (std::size_t i = 0; i < n; ++i) start[i] = static_cast<double>(p[i]);
    if (searches) {
      const auto at = [&](double t) {
        go<Number>(p, t, d);
        const double loss = step.evaluate(p, g);
        weigh_gradient(g);
        const double there = dot<Number>(g, d);
        const bool finite = std::isfinite(loss) && std::isfinite(there);
        return lbfgs::Place{
            t, finite ? loss : option::infinity,  // NOLINT(bugprone-narrowing-conversions)
            there};
      };
      memory.t = lbfgs::strong_wolfe({0, step.loss(), slope}, memory.t, largest<Number>(d),
                                     tolerance_change, max_evaluations, at);
    }
    go<Number>(p, memory.t, d);
  }

  // w of every matrix; answers the largest rate.
  template <class Number>
  double weigh(const Step<Number>& step) const {
    double top = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) top = std::max(top, step.rate(b));
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      weights[b] = top > 0 ? std::sqrt(step.rate(b) / top) : 0;
    }
    return top;
  }

  template <class Number>
  void weigh_gradient(std::span<Number> g) const {
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto w = static_cast<Number>(weights[b]);
      Number* const from = g.data() + blocks[b].offset;
      for (std::int64_t i = 0; i < blocks[b].size; ++i) from[i] = w == 0 ? 0 : w * from[i];
    }
  }

  template <class Number>
  static double sum_of_sizes(std::span<const Number> g) {
    double sum = 0;
    for (const Number x : g) sum += std::abs(static_cast<double>(x));
    return sum;
  }

  // p = start + t w d
  template <class Number>
  void go(std::span<Number> p, double t, std::span<const Number> d) const {
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto length = static_cast<Number>(t * weights[b]);
      const auto from = static_cast<std::size_t>(blocks[b].offset);
      const auto to = from + static_cast<std::size_t>(blocks[b].size);
      for (std::size_t i = from; i < to; ++i) p[i] = static_cast<Number>(start[i]) + length * d[i];
    }
  }

  // Takes the pair of the last step into the history, if its curvature is positive.
  template <class Number>
  void learn(const State<Number>& state, std::span<const Number> g) const {
    Memory& memory = state.memory;
    const auto d = state.direction(), before = state.gradient_before();
    const auto length = static_cast<Number>(memory.t);
    double ys = 0, yy = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto y = static_cast<double>(g[i] - before[i]);
      ys += y * static_cast<double>(d[i] * length);
      yy += y * y;
    }
    if (!(ys > 1e-10)) return;
    if (state.n_kept() == history) {
      memory.oldest = static_cast<double>(state.slot(1));
    } else {
      memory.n_kept += 1;
    }
    const std::size_t newest = state.n_kept() - 1;
    const auto y = state.y(newest), s = state.s(newest);
    for (std::size_t i = 0; i < n; ++i) {
      y[i] = g[i] - before[i];
      s[i] = d[i] * length;
    }
    state.rho_of(newest) = 1 / ys;
    memory.h = ys / yy;
  }

  template <class Number>
  void find_direction(const State<Number>& state, std::span<const Number> g) const {
    const auto d = state.direction();
    for (std::size_t i = 0; i < n; ++i) d[i] = -g[i];
    for (std::size_t i = state.n_kept(); i-- > 0;) {
      shares[i] = dot<Number>(state.s(i), d) * state.rho_of(i);
      add<Number>(d, -shares[i], state.y(i));
    }
    const auto h = static_cast<Number>(state.memory.h);
    for (Number& x : d) x *= h;
    for (std::size_t i = 0; i < state.n_kept(); ++i) {
      const double back = dot<Number>(state.y(i), d) * state.rho_of(i);
      add<Number>(d, shares[i] - back, state.s(i));
    }
  }

  std::size_t history;
  bool searches;
  std::int64_t max_evaluations;
  double tolerance_grad, tolerance_change;
  std::size_t n;
  std::vector<Block> blocks;
  // Scratch; nothing in it outlives a step.
  std::unique_ptr<double[]> weights;  // [n_blocks]
  std::unique_ptr<double[]> shares;   // [history]
  std::unique_ptr<double[]> start;    // [n]
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Lbfgs, options, 1.0,
                         (About{.name = "lbfgs",
                                .summary = "Limited-memory BFGS, one iteration a step, with a "
                                           "strong Wolfe line search.",
                                .formula = "p += t d, d = -H grad l, H from the last history_size "
                                           "pairs of steps and gradients",
                                .paper = "Nocedal 1980 (Math. Comp. 35, 773); Liu & Nocedal 1989 "
                                         "(Math. Program. 45, 503)"}))

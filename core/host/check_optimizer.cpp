// check_optimizer.cpp: an optimizer's promises, on a quadratic: it descends, alike in both
// precisions, from its state alone.
#include <cmath>
#include <limits>
#include <type_traits>

#include "host/guarded.hpp"

namespace attnlab {
namespace {

constexpr std::int64_t n = 6;

// l(p) = sum_i c_i p_i^2 / 2, c from 0.5 to 1.5
template <class Number>
attnlab_status quadratic(void*, const Number* p, double* loss, Number* gradient) {
  *loss = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double c = 0.5 + 0.2 * static_cast<double>(i), x = static_cast<double>(p[i]);
    *loss += c * x * x / 2;
    gradient[i] = static_cast<Number>(c * x);
  }
  return ATTNLAB_OK;
}

template <class Number>
struct Descent {
  Result<Optimizer> optimizer;
  Guarded<Number> p{n}, g{n};
  std::int64_t n_state = 0;
  Guarded<Number> state;
  double rate = 0.05, time = 0;
  std::int64_t n_done = 0;
  bool answered = true;

  static Result<Optimizer> made(const Plugins& plugins, const Settings& given) {
    const attnlab_block block{sizeof block, 0, "W_Q", 0, n, 1, 2, 3};
    const attnlab_problem problem{sizeof problem, 0, n, 100, 1, &block};
    return Optimizer::create(plugins, given, problem);
  }
  static std::int64_t numbers(const Optimizer& optimizer) {
    const auto bytes = optimizer.table().n_state_bytes(optimizer.self(), sizeof(Number));
    return (std::max<std::int64_t>(bytes, 0) + std::int64_t{sizeof(Number)} - 1) /
           std::int64_t{sizeof(Number)};
  }
  Descent(const Plugins& plugins, const Settings& given)
      : optimizer(made(plugins, given)), state(optimizer ? numbers(*optimizer) : 0) {
    for (std::int64_t i = 0; i < n; ++i) p[i] = i % 2 == 0 ? Number(1) : Number(-1);
  }

  double loss() {
    double value = 0;
    quadratic(nullptr, p.data(), &value, g.data());
    return value;
  }
  void step(double loss) {
    attnlab_step lent{};
    lent.struct_size = sizeof lent;
    lent.step = n_done++;
    lent.rates = &rate;
    lent.momentum = std::numeric_limits<double>::quiet_NaN();
    lent.loss = loss;
    lent.evaluate_f32 = quadratic<float>;
    lent.evaluate_f64 = quadratic<double>;
    lent.time = &time;
    const auto& table = optimizer->table();
    attnlab_status status = ATTNLAB_FAILED;
    if constexpr (std::is_same_v<Number, float>) {
      status = table.step_f32(optimizer->self(), &lent, p.data(), g.data(), state.data());
    } else {
      status = table.step_f64(optimizer->self(), &lent, p.data(), g.data(), state.data());
    }
    answered &= status == ATTNLAB_OK;
  }
  void descend(int n_steps) {
    for (int s = 0; s < n_steps; ++s) step(loss());
  }
  bool intact() const { return p.intact() && g.intact() && state.intact(); }
};

}  // namespace

Conformance check_optimizer(const Plugins& plugins, const Settings& given) {
  Conformance out;
  Descent<double> whole(plugins, given), first(plugins, given), second(plugins, given),
      broken(plugins, given);
  if (!whole.optimizer) return {{}, whole.optimizer.errors()};
  Descent<float> single(plugins, given);

  const double before = whole.loss();
  whole.descend(20);
  single.descend(5);
  first.descend(9);
  for (std::int64_t i = 0; i < n; ++i) second.p[i] = first.p[i];
  for (std::int64_t i = 0; i < Descent<double>::numbers(*first.optimizer); ++i)
    second.state[i] = first.state[i];
  second.n_done = first.n_done;
  second.time = first.time;
  Descent<double> five(plugins, given);
  five.descend(5);
  bool precise = true;
  for (std::int64_t i = 0; i < n; ++i) precise &= std::abs(double(single.p[i]) - five.p[i]) < 1e-4;
  second.descend(11);

  judge(out, whole.answered && single.answered, "every step answers",
        whole.optimizer->failure("a step").what);
  judge(out, whole.intact() && single.intact(), "writes nowhere but into its buffers",
        "it writes outside of its buffers");
  judge(out, whole.loss() < before, "makes a quadratic smaller",
        "20 steps at rate 0.05 do not make a quadratic smaller");
  judge(out, precise, "float32 agrees with float64", "its float32 does not agree with its float64");
  judge(out, whole.p.values() == second.p.values(), "goes on from its state with the same bits",
        "it remembers something outside of its state: a checkpoint would not go on with the same "
        "bits");
  judge(out, whole.optimizer->has_time() == (whole.time != 0),
        "keeps a time if it says so, and only then",
        "its flag for the flow time does not agree with what it does");
  for (std::int64_t i = 0; i < n; ++i) broken.g[i] = std::numeric_limits<double>::quiet_NaN();
  broken.step(before);
  judge(out, !broken.answered || std::isnan(broken.p[0]),
        "does not hide a gradient that is not a number",
        "it hides a gradient that is not a number");
  return out;
}

}  // namespace attnlab

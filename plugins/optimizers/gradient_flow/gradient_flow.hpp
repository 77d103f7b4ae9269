// gradient_flow.hpp: one step of the trial, from the state that the host keeps.
#pragma once

#include <attnlab/optimizer.hpp>
#include <boost/numeric/odeint/stepper/euler.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>
#include <cstring>
#include <memory>
#include <optional>

#include "adaptive.hpp"
#include "outputs.hpp"

namespace attnlab::flow {

// What begins `state`; for float32 n doubles follow, the parameters before rounding.
struct Memory {
  double reached = 0;  // flow time
  double h = 0;        // step size to go on with; 0: not known yet
  double begun = 0;    // 1 after the first step
};

// -rate grad l at any parameters. The host's buffers serve as the point and the gradient there.
template <class Number>
struct Velocity {
  const Step<Number>& step;
  const std::vector<Block>& blocks;
  std::span<Number> point, gradient;

  void operator()(const Numbers& x, Numbers& out, double) const {
    for (std::size_t i = 0; i < x.size(); ++i) point[i] = static_cast<Number>(x[i]);
    step.evaluate(point, gradient);
    from_gradient(out);
  }
  // Of the gradient that stands in the buffer. A matrix of rate 0 rests, whatever its gradient.
  void from_gradient(Numbers& out) const {
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const double rate = step.rate(b);
      const auto first = static_cast<std::size_t>(blocks[b].offset);
      const auto last = first + static_cast<std::size_t>(blocks[b].size);
      for (std::size_t i = first; i < last; ++i) {
        out[i] = rate == 0 ? 0 : -rate * static_cast<double>(gradient[i]);
      }
    }
  }
};

class GradientFlow {
 public:
  static constexpr bool has_time = true;

  GradientFlow(const Options& given, const Problem& problem)
      : method_(given.text("method")),
        step_size_(given.real("step_size")),
        n_(static_cast<std::size_t>(problem.n)),
        blocks_(problem.blocks),
        outputs_(outputs(given, problem)),
        work_(std::make_unique<Work>(n_)) {
    if (method_ == "adaptive") {
      const double share =
          given.is_null("largest_step_share") ? option::infinity : given.real("largest_step_share");
      work_->adaptive.emplace(
          n_, Tolerance{given.real("relative_tolerance"), given.real("absolute_tolerance")}, share);
    } else if (method_ == "rk4") {
      work_->rk4.emplace().adjust_size(work_->x);
    }
  }

  std::int64_t n_state_bytes(std::int64_t bytes_per_number) const {
    const std::size_t kept = bytes_per_number < std::int64_t{sizeof(double)} ? n_ : 0;
    return static_cast<std::int64_t>(sizeof(Memory) + kept * sizeof(double));
  }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void* state) const {
    Memory memory;
    std::memcpy(&memory, state, sizeof memory);
    Numbers &x = work_->x, &velocity = work_->velocity;
    restore<Number>(parameters, state, memory, x);

    const Velocity<Number> velocity_at{step, blocks_, parameters, gradient};
    velocity_at.from_gradient(velocity);
    const std::int64_t done = step.number();
    if (method_ == "adaptive") {
      const double end = outputs_.at(done + 1);
      if (finite(velocity)) {
        work_->adaptive->move(velocity_at, x, velocity, memory.reached, end, memory.h);
      } else {
        give_up(x, velocity);
      }
      memory.reached = end;
    } else {
      if (method_ == "rk4") {
        work_->rk4->do_step(std::ref(velocity_at), x, velocity, memory.reached, step_size_);
      } else {
        work_->euler.do_step(std::ref(velocity_at), x, velocity, memory.reached, step_size_);
      }
      memory.reached = static_cast<double>(done + 1) * step_size_;
    }

    memory.begun = 1;
    for (std::size_t i = 0; i < n_; ++i) parameters[i] = static_cast<Number>(x[i]);
    std::memcpy(state, &memory, sizeof memory);
    if constexpr (sizeof(Number) < sizeof(double)) {
      std::memcpy(static_cast<std::byte*>(state) + sizeof memory, x.data(), n_ * sizeof(double));
    }
    if (step.time() != nullptr) *step.time() = memory.reached;
  }

 private:
  // Scratch; nothing in it outlives a step.
  struct Work {
    explicit Work(std::size_t n) : x(n), velocity(n) {}
    Numbers x, velocity;
    std::optional<Adaptive> adaptive;
    std::optional<odeint::runge_kutta4<Numbers>> rk4;
    odeint::euler<Numbers> euler;
  };

  static Outputs outputs(const Options& given, const Problem& problem) {
    const auto n = std::max<std::int64_t>(problem.n_steps, 1);
    const auto count = static_cast<double>(n);
    const bool ends = !given.is_null("end_time"), begins = !given.is_null("first_time");
    Outputs out{n, ends ? given.real("end_time") : count, 0, given.text("spacing") == "log"};
    if (given.text("method") != "adaptive") {
      const double reached = given.real("step_size") * count;
      if (ends && std::abs(out.end - reached) > 1e-9 * reached) {
        throw Failure("rk4 and euler end at training.steps times step_size, " +
                      std::to_string(reached) +
                      ", not at end_time; leave end_time out, or use "
                      "method: adaptive");
      }
      return out;
    }
    if (begins && !out.logarithmic) throw Failure("first_time needs spacing: log");
    if (!out.logarithmic) return out;
    if (!begins) throw Failure("spacing: log needs first_time, the flow time of the first output");
    out.first = given.real("first_time");
    if (n > 1 && out.first >= out.end) throw Failure("first_time must lie before end_time");
    return out;
  }

  // x from the parameters, or what they were before they were rounded to float32.
  template <class Number>
  void restore(std::span<const Number> parameters, const void* state, const Memory& memory,
               Numbers& x) const {
    if (sizeof(Number) < sizeof(double) && memory.begun != 0) {
      std::memcpy(x.data(), static_cast<const std::byte*>(state) + sizeof memory,
                  n_ * sizeof(double));
      for (std::size_t i = 0; i < n_; ++i) {
        if (static_cast<Number>(x[i]) != parameters[i]) x[i] = static_cast<double>(parameters[i]);
      }
    } else {
      for (std::size_t i = 0; i < n_; ++i) x[i] = static_cast<double>(parameters[i]);
    }
  }

  static bool finite(const Numbers& numbers) {
    for (const double number : numbers) {
      if (!std::isfinite(number)) return false;
    }
    return true;
  }
  // Lets the host see a velocity that is not finite as parameters, and so a loss, that are not.
  static void give_up(Numbers& x, const Numbers& velocity) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += velocity[i];
  }

  std::string method_;
  double step_size_;
  std::size_t n_;
  std::vector<Block> blocks_;
  Outputs outputs_;
  std::unique_ptr<Work> work_;
};

}  // namespace attnlab::flow

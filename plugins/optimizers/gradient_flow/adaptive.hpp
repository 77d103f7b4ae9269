// adaptive.hpp: Dormand-Prince 5(4) from one time to another, with the step size under control.
//
// The steps are Boost.Odeint's (runge_kutta_dopri5 under controlled_runge_kutta). Here stand the
// first step size, landing on the output, and what happens when the velocity is not finite.
#pragma once

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace attnlab::flow {

namespace odeint = boost::numeric::odeint;
using Numbers = std::vector<double>;

struct Tolerance {
  double relative = 1e-7;
  double absolute = 1e-9;
};

// max_i |error_i| / (absolute + relative (|x_i| + h |x'_i|)), as Odeint's own, and infinity if any
// number is not finite: std::max would lose a NaN, and the step would count as a good one.
struct ErrorNorm {
  Tolerance tolerance;

  template <class Algebra>
  double error(Algebra&, const Numbers& x, const Numbers& velocity, const Numbers& error,
               double h) const {
    double largest = 0;
    bool finite = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double allowed =
          tolerance.absolute +
          tolerance.relative * (std::abs(x[i]) + std::abs(h) * std::abs(velocity[i]));
      const double share = std::abs(error[i]) / allowed;
      finite &= std::isfinite(share);
      largest = std::max(largest, share);
    }
    return finite ? largest : std::numeric_limits<double>::infinity();
  }
};

class Adaptive {
 public:
  // Vectors of n numbers. No step is longer than largest_share times the time it starts from.
  Adaptive(std::size_t n, Tolerance tolerance, double largest_share)
      : tolerance_(tolerance), largest_share_(largest_share), stepper_(ErrorNorm{tolerance}) {
    stepper_.adjust_size(Numbers(n));
  }

  // Moves x from `start` to `end`; `velocity` is that at x and is overwritten. h is the step size
  // to begin with (0: not known yet) and the one to go on with. Fails if h falls below what the
  // time can resolve; `velocity_at(x, out, t)` may throw.
  template <class VelocityAt>
  void move(VelocityAt& velocity_at, Numbers& x, Numbers& velocity, double start, double end,
            double& h) {
    const double resolved = 4 * std::numeric_limits<double>::epsilon() * end;
    double t = start;
    if (!(h > 0)) h = first_step(x, velocity, end - start);
    while (end - t > resolved) {
      if (t > 0) h = std::min(h, largest_share_ * t);
      if (h < resolved) throw Failure(too_small(h, t));
      const bool cut = h >= end - t;
      double tried = cut ? end - t : h;
      const double before = tried;
      const auto result = stepper_.try_step(std::ref(velocity_at), x, velocity, t, tried);
      if (result == odeint::fail || !cut) {
        h = tried;
      } else if (tried > before) {  // a step that was cut short may not make the next one short
        h = std::max(h, tried);
      }
    }
  }

 private:
  // A step over which x changes by about a hundredth of itself (Hairer, Norsett & Wanner 1993,
  // section II.4, without its second velocity).
  double first_step(const Numbers& x, const Numbers& velocity, double interval) const {
    double size = 0, speed = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double weight = tolerance_.absolute + tolerance_.relative * std::abs(x[i]);
      size = std::max(size, std::abs(x[i]) / weight);
      speed = std::max(speed, std::abs(velocity[i]) / weight);
    }
    if (speed == 0) return interval;
    const double guess = size > 1e-5 && speed > 1e-5 ? 0.01 * size / speed : 1e-6 * interval;
    return std::clamp(guess, 1e-12 * interval, interval);
  }

  static std::string too_small(double h, double t) {
    char where[80];
    std::snprintf(where, sizeof where, "the step size fell to %.2g at flow time %.6g", h, t);
    return std::string(where) +
           ": the flow breaks off or is not smooth there; try an earlier end_time, a larger "
           "relative_tolerance, precision: float64, or a model without kinks";
  }

  using Steps = odeint::runge_kutta_dopri5<Numbers>;
  Tolerance tolerance_;
  double largest_share_;
  odeint::controlled_runge_kutta<Steps, ErrorNorm> stepper_;
};

}  // namespace attnlab::flow

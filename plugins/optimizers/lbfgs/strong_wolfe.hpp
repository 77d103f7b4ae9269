// strong_wolfe.hpp: how far to go along a direction d, as PyTorch's LBFGS decides it.
//
//   l(t) <= l(0) + c1 t l'(0)  and  |l'(t)| <= c2 |l'(0)|,   c1 = 1e-4, c2 = 0.9
//
// First steps grow until they bracket such a t, then cubic interpolation narrows the bracket
// (Nocedal & Wright 2006, algorithms 3.5 and 3.6; the numbers are those of torch.optim.LBFGS).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace attnlab::lbfgs {

// A place along the line: its loss and the slope d . grad there.
struct Place {
  double t = 0, loss = 0, slope = 0;
};

// Where the cubic through two places is smallest, within the bounds.
inline double cubic_minimum(const Place& one, const Place& two, double lowest, double highest) {
  const double d1 = one.slope + two.slope - 3 * (one.loss - two.loss) / (one.t - two.t);
  const double square = d1 * d1 - one.slope * two.slope;
  if (!(square >= 0 && std::isfinite(square))) return (lowest + highest) / 2;
  const double d2 = std::sqrt(square);
  const Place &left = one.t <= two.t ? one : two, &right = one.t <= two.t ? two : one;
  const double place = right.t - (right.t - left.t) * ((right.slope + d2 - d1) /
                                                       (right.slope - left.slope + 2 * d2));
  return std::min(std::max(place, lowest), highest);
}

// The step length. `start` is t = 0, with a slope below 0; `first` is tried first; `longest` is
// max |d_i|; `at(t)` answers a Place, with an infinite loss where it is not finite. At most
// 1 + max_more places are tried; if none will do, the best of them, or 0.
template <class At>
double strong_wolfe(const Place& start, double first, double longest, double tolerance_change,
                    std::int64_t max_more, At&& at) {
  constexpr double c1 = 1e-4, c2 = 0.9;
  const auto low_enough = [&](const Place& p) {
    return !(p.loss > start.loss + c1 * p.t * start.slope);
  };
  const auto flat_enough = [&](const Place& p) { return std::abs(p.slope) <= -c2 * start.slope; };

  Place now = at(first), previous = start;
  Place low = start, high = now;
  std::int64_t n = 0;
  for (; n < max_more; ++n) {
    low = previous;
    high = now;
    if (!low_enough(now) || (n > 1 && now.loss >= previous.loss)) break;
    if (flat_enough(now)) return now.t;
    if (now.slope >= 0) break;
    const double next =
        cubic_minimum(previous, now, now.t + 0.01 * (now.t - previous.t), now.t * 10);
    previous = now;
    now = at(next);
  }
  if (n == max_more) return start.loss <= now.loss ? 0 : now.t;

  bool stuck = false;  // the last trial was close to an end of the bracket
  if (!(low.loss <= high.loss)) std::swap(low, high);
  while (n < max_more && !(std::abs(high.t - low.t) * longest < tolerance_change)) {
    const double left = std::min(low.t, high.t), right = std::max(low.t, high.t);
    double t = cubic_minimum(low, high, left, right);
    const double margin = 0.1 * (right - left);
    if (std::min(right - t, t - left) < margin) {
      if (stuck || t >= right || t <= left) {
        t = std::abs(t - right) < std::abs(t - left) ? right - margin : left + margin;
        stuck = false;
      } else {
        stuck = true;
      }
    } else {
      stuck = false;
    }
    now = at(t);
    ++n;
    if (!low_enough(now) || now.loss >= low.loss) {
      high = now;
      if (!(low.loss <= high.loss)) std::swap(low, high);
    } else {
      if (flat_enough(now)) return now.t;
      if (now.slope * (high.t - low.t) >= 0) high = low;
      low = now;
    }
  }
  return low.t;
}

}  // namespace attnlab::lbfgs

// gradient.cpp: sums of squares in eight lanes, and the two ways to clip.
#include "train/gradient.hpp"

#include <algorithm>
#include <cmath>

namespace attnlab {

template <class S>
double sum_of_squares(std::span<const S> numbers) {
  constexpr std::size_t lanes =
      8;  // independent sums: one vector register, whatever the instruction set
  double sum[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= numbers.size(); i += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const double x = static_cast<double>(numbers[i + l]);
      sum[l] += x * x;
    }
  }
  for (std::size_t l = 0; i < numbers.size(); ++i, ++l) {
    const double x = static_cast<double>(numbers[i]);
    sum[l] += x * x;
  }
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

template <class S>
void Clip::apply(std::span<S> gradient) const {
  if (kind == Kind::value) {
    const S top = static_cast<S>(bound);
    // Comparisons in this order leave NaN as it is.
    for (S& g : gradient) g = g > top ? top : (g < -top ? -top : g);
  } else if (kind == Kind::norm) {
    const double norm = std::sqrt(sum_of_squares(std::span<const S>(gradient)));
    const double factor = bound / (norm + 1e-6);
    if (factor >= 1) return;
    for (S& g : gradient) g *= static_cast<S>(factor);
  }
}

Result<Clip> clip_of(const Settings& optimizer) {
  const auto node = optimizer.find("clip");
  if (node == optimizer.end() || !node->is_object()) return Clip{};
  for (const auto& [key, kind] :
       {std::pair{"value", Clip::Kind::value}, std::pair{"norm", Clip::Kind::norm}}) {
    const auto bound = node->find(key);
    if (bound == node->end()) continue;
    if (!bound->is_number() || !(bound->get<double>() > 0)) {
      return Error{std::string("optimizer.clip.") + key, "is not a number above 0",
                   "write clip: none to switch it off"};
    }
    return Clip{kind, bound->get<double>()};
  }
  return Error{"optimizer.clip", "says neither `value` nor `norm`", "write clip: {norm: 1.0}"};
}

template double sum_of_squares(std::span<const float>);
template double sum_of_squares(std::span<const double>);
template void Clip::apply(std::span<float>) const;
template void Clip::apply(std::span<double>) const;

}  // namespace attnlab

// order_statistics.cpp: the median, and the correlation of ranks.
#include "base/order_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace attnlab {
namespace {

// Ranks from 1, equal values the mean of theirs.
std::vector<double> ranks_of(const std::vector<double>& x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return x[i]; });
  std::vector<double> ranks(x.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    for (last = first + 1; last < order.size() && x[order[last]] == x[order[first]];) ++last;
    for (std::size_t i = first; i < last; ++i)
      ranks[order[i]] = static_cast<double>(first + last + 1) / 2;
  }
  return ranks;
}

}  // namespace

double median(std::vector<double> x) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (std::ranges::any_of(x, [](double one) { return std::isnan(one); })) return nan;
  std::ranges::sort(x);
  const std::size_t n = x.size();
  return (x[(n - 1) / 2] + x[n / 2]) / 2;
}

double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> a = ranks_of(x), b = ranks_of(y);
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double aa = 0, ab = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean) * (a[i] - mean);
    ab += (a[i] - mean) * (b[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace attnlab

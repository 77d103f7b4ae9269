// order_statistics.hpp: what follows from the order of numbers. Pure.
#pragma once

#include <vector>

namespace attnlab {

// The middle one, or the mean of the middle two; NaN if one of `x` is, which holds one or more.
double median(std::vector<double> x);

// Spearman's rank correlation of (x, y), equally long, equal values sharing their mean rank; NaN if
// all of x or all of y are equal.
double spearman(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace attnlab

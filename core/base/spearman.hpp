// spearman.hpp: Spearman's rank correlation. Pure.
#pragma once

#include <vector>

namespace attnlab {

// Of (x, y), equally long, equal values sharing their mean rank; NaN if all of x or all of y are
// equal.
double spearman(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace attnlab

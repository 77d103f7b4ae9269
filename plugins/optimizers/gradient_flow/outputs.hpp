// outputs.hpp: the flow times at which the host looks at the parameters.
#pragma once

#include <cmath>
#include <cstdint>

namespace attnlab::flow {

struct Outputs {
  std::int64_t n = 1;  // outputs that the trial counts; the start is none of them
  double end = 1;      // time of output n
  double first = 0;    // time of output 1, if spaced by logarithm
  bool logarithmic = false;

  // Time of output k; 0 for k = 0, `end` to the last bit for k = n. Goes on alike beyond n.
  double at(std::int64_t k) const {
    if (k == 0) return 0;
    if (k == n) return end;
    const auto place = static_cast<double>(k), count = static_cast<double>(n);
    if (!logarithmic) return end * (place / count);
    if (n == 1) return end * place;  // one output leaves no ratio to go on with
    return first * std::pow(end / first, (place - 1) / (count - 1));
  }
};

}  // namespace attnlab::flow

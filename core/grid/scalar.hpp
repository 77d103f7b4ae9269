// scalar.hpp: what a plain YAML word means: nothing, a truth, a number or text.
#pragma once

#include <string>

#include "base/settings.hpp"

namespace attnlab {

struct Scalar {
  Settings value;    // null, boolean, 64-bit integer, double or string
  std::string flaw;  // not empty: no value can be given to it, and why
  std::string hint;
};

// YAML 1.2 (core schema). `yes`, `no`, `on`, `off`, dates and `1:30` are text, `1e3` is a number.
// Words on which YAML 1.1 and 1.2 disagree silently (`010`), numbers beyond 64 bits, and NaN and
// infinity, which no setting can be, are flaws.
Scalar plain_scalar(const std::string& word);

}  // namespace attnlab

// assert.cpp: the last words of a process that found a defect in itself.
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace attnlab {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "attnlab: defect: %s does not hold at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace attnlab

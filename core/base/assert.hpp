// assert.hpp: a statement about our own code. A false one is our defect, never the user's, and ends the process.
#pragma once

namespace attnlab {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#ifdef ATTNLAB_AUDIT
#define ATTNLAB_ASSERT(expression) \
  ((expression) ? void(0) : ::attnlab::assertion_failed(#expression, __FILE__, __LINE__))
#else
#define ATTNLAB_ASSERT(expression) ((void)sizeof(!(expression)))
#endif

// capture.cpp: `fuzz_capture FOLDER > tests/fuzz/catalogue.json` writes down what the plugins below
// FOLDER say of themselves.
#include <cstdio>

#include "catalogue_data.hpp"
#include "host/plugins.hpp"

int main(int n_words, char** words) {
  if (n_words != 2) return std::fputs("fuzz_capture FOLDER\n", stderr), 2;
  const auto plugins = attnlab::Plugins::scan({words[1]});
  if (!plugins) return std::fprintf(stderr, "%s\n", plugins.errors()[0].what.c_str()), 2;
  std::puts(attnlab::fuzz::to_data(plugins->catalogue()).dump(1).c_str());
}

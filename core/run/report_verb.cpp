// report_verb.cpp: `attnlab report RESULTS --out FILE.html`.
#include <cstdio>
#include <filesystem>

#include "report/report.hpp"
#include "run/speak.hpp"
#include "run/verbs.hpp"

namespace attnlab {

int report_verb(const Options& options) {
  const auto written = write_report(options.path, options.out);
  if (!written) return complain(written.errors());
  std::printf("report: %s\n", options.out.c_str());
  return 0;
}

}  // namespace attnlab

// conformance.hpp: does a plugin keep the promises of the border? What `attnlab plugins --check
// FILE.so` asks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/plugins.hpp"

namespace attnlab {

struct Conformance {
  std::vector<std::string> kept;       // one line a promise that was tried and kept
  Errors broken;                       // where: the file
  std::vector<std::string> untried{};  // why the rest could not be tried
};

// Loads the file and tries it in a forked child with a deadline, with the defaults of its options
// (one that must be given gets a value within its range; a file cannot be made up, so that
// a plugin that wants one is only described): whatever it does costs the child only. Fails if the
// file is no plugin that the host would take. Only while the process has one thread.
Result<Conformance> check_conformance(const std::filesystem::path& file);

// The trials of one kind, in this process. `given` holds the name of the plugin and its options.
Conformance check_kernel(const Plugins& plugins, const Settings& given);
Conformance check_optimizer(const Plugins& plugins, const Settings& given);
Conformance check_task(const Plugins& plugins, const Settings& given);

// A line for each promise, kept, broken or not tried.
std::string to_text(const Conformance& conformance);

}  // namespace attnlab

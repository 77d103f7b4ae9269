// cache.hpp: preprocessed data sets: made once, shared by the trials of a process and by the
// processes of a machine, kept for the next run.
//
// ATTNLAB_CACHE names the folder; without it $XDG_CACHE_HOME/attnlab, else $HOME/.cache/attnlab;
// "off": nothing is kept on disk. A folder that cannot be used is named on stderr, and the run goes
// on without.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pack.hpp"

namespace reading {

// All that a preprocessed data set depends on.
struct Recipe {
  std::string task;
  std::vector<std::filesystem::path> files;  // files, and folders with all below, that are read
  std::string choices;                       // the options that matter, as text
};

// A number for `choices`, with all its bits.
std::string exact(double number);

// The data set of `recipe`: one that this process holds, else one on disk, else a new one from
// `make`, whose exceptions pass. While one process makes it, the others wait. For any thread.
std::shared_ptr<const Pack> prepared(const Recipe& recipe, const std::function<Pack()>& make);

// The folder of the cache; empty: off. Takes the three variables as they are, nullptr: not set.
std::filesystem::path cache_folder(const char* attnlab_cache, const char* xdg_cache_home,
                                   const char* home);

}  // namespace reading

// plugins.cpp: the scan: search, try, load, and no name twice.
#include "host/plugins.hpp"

#include <algorithm>
#include <chrono>

#include "host/library.hpp"
#include "host/search.hpp"

namespace attnlab {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds loading_deadline{10};

fs::path canonical_or_empty(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  return failed ? fs::path() : real;
}

// <executable>/../lib/attnlab/plugins
fs::path own_tree() {
  const fs::path program = canonical_or_empty("/proc/self/exe");
  return program.empty() ? fs::path() : program.parent_path().parent_path() / "lib/attnlab/plugins";
}

bool lies_below(const fs::path& file, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return !folder.empty() && end == folder.end();
}

Result<Loaded> tried_and_loaded(const Candidate& candidate, const fs::path& installed) {
  if (!lies_below(candidate.file, installed)) {
    const auto tried = try_in_child(candidate.file, candidate.kind, loading_deadline);
    if (!tried) return tried.errors();
  }
  return load(candidate.file, candidate.kind);
}

}  // namespace

Result<Plugins> Plugins::scan(const std::vector<fs::path>& folders, const fs::path& installed) {
  Result<Found> found = search(folders);
  if (!found) return found.errors();
  const fs::path trusted = canonical_or_empty(installed.empty() ? own_tree() : installed);

  Plugins plugins;
  plugins.refused_ = std::move(found->refused);
  std::vector<Loaded> loaded;
  for (const Candidate& candidate : found->candidates) {
    Result<Loaded> one = tried_and_loaded(candidate, trusted);
    if (one) {
      loaded.push_back(*std::move(one));
    } else {
      const Errors& why = one.errors();
      plugins.refused_.insert(plugins.refused_.end(), why.begin(), why.end());
    }
  }
  const auto key = [](const Loaded& one) {
    return std::pair(one.description.kind, std::string_view(one.description.name));
  };
  std::ranges::stable_sort(loaded, {}, key);

  Errors twice;
  for (std::size_t i = 1; i < loaded.size(); ++i) {
    if (key(loaded[i]) != key(loaded[i - 1])) continue;
    const PluginDescription& plugin = loaded[i].description;
    twice.push_back({plugin.file,
                     "a second " + to_string(plugin.kind) + " plugin '" + plugin.name +
                         "', beside " + loaded[i - 1].description.file,
                     "take one of the two out of the search path"});
  }
  if (!twice.empty()) return twice;
  for (Loaded& one : loaded) {
    plugins.catalogue_.push_back(std::move(one.description));
    plugins.entries_.push_back(one.entry);
  }
  return plugins;
}

const Error* Plugins::refusal(PluginKind kind, const std::string& name) const {
  for (const Error& error : refused_) {
    const fs::path file = error.where;
    if (file.stem() != name) continue;
    const std::string folder = file.parent_path().filename().string();
    const bool of_another_kind = folder != to_string(kind) &&
                                 (folder == "task" || folder == "kernel" || folder == "optimizer");
    if (!of_another_kind) return &error;
  }
  return nullptr;
}

const attnlab_plugin* Plugins::entry(PluginKind kind, const std::string& name) const {
  const PluginDescription* plugin = find(catalogue_, kind, name);
  if (plugin == nullptr) return nullptr;
  return entries_[static_cast<std::size_t>(plugin - catalogue_.data())];
}

}  // namespace attnlab

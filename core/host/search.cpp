// search.cpp: where plugins are looked for, and which files there may be loaded.
#include "host/search.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "host/plugins.hpp"

namespace attnlab {
namespace fs = std::filesystem;

std::vector<fs::path> plugin_folders(const std::vector<std::string>& given,
                                     const fs::path& installed) {
  std::vector<fs::path> folders;
  for (const std::string& folder : given) {
    if (!folder.empty()) folders.emplace_back(folder);
  }
  std::error_code ignored;
  // secure_getenv: a program that runs with more rights than its user must not load the user's
  // files.
  if (const char* path = secure_getenv("ATTNLAB_PLUGIN_PATH")) {
    std::istringstream entries(path);
    for (std::string entry; std::getline(entries, entry, ':');) {
      if (!entry.empty() && fs::exists(entry, ignored)) folders.emplace_back(entry);
    }
  }
  if (!installed.empty() && fs::is_directory(installed, ignored)) folders.push_back(installed);
  return folders;
}

namespace {

bool world_writable(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0;
}

void take(const fs::path& file, std::optional<PluginKind> kind, bool folder_is_open, Found& found) {
  std::error_code failed;
  const fs::path real = fs::canonical(file, failed);
  if (failed) {
    found.refused.push_back({file.string(), "cannot be reached: " + failed.message(), ""});
    return;
  }
  const auto same = [&](const Candidate& other) { return other.file == real; };
  if (std::ranges::any_of(found.candidates, same)) return;
  const bool open = folder_is_open || world_writable(real.parent_path());
  if (open || world_writable(real)) {
    const std::string what =
        open ? "lies in a folder that every user may write to" : "may be written to by every user";
    const std::string mend = "chmod o-w " + (open ? real.parent_path() : real).string();
    found.refused.push_back({file.string(), what + ", so it is not loaded", mend});
    return;
  }
  found.candidates.push_back({real, kind});
}

Result<Done> look_into(const fs::path& folder, std::optional<PluginKind> kind, bool parent_is_open,
                       Found& found) {
  std::error_code failed;
  std::vector<fs::path> files;
  fs::directory_iterator at(folder, failed);
  for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
    const fs::path file = at->path();
    if (file.extension() == ".so" && file.filename().string().front() != '.') files.push_back(file);
  }
  if (failed) return Error{folder.string(), "cannot be read: " + failed.message(), ""};
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    take(file, kind, parent_is_open || world_writable(folder), found);
  }
  return Done{};
}

}  // namespace

Result<Found> search(const std::vector<fs::path>& folders) {
  Found found;
  Errors errors;
  const auto note = [&](const Result<Done>& looked) {
    errors.insert(errors.end(), looked.errors().begin(), looked.errors().end());
  };
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    if (fs::is_regular_file(folder, ignored)) {
      take(folder, {}, false, found);
      continue;
    }
    if (!fs::is_directory(folder, ignored)) {
      errors.push_back({folder.string(), "there is no such plugin folder",
                        "give --plugins a folder that holds plugins"});
      continue;
    }
    note(look_into(folder, {}, false, found));
    for (const PluginKind kind : {PluginKind::task, PluginKind::kernel, PluginKind::optimizer}) {
      const fs::path subfolder = folder / to_string(kind);
      if (!fs::is_directory(subfolder, ignored)) continue;
      note(look_into(subfolder, kind, world_writable(folder), found));
    }
  }
  if (!errors.empty()) return errors;
  return found;
}

}  // namespace attnlab

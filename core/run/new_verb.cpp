// new_verb.cpp: `attnlab new KIND NAME`: a folder with a plugin that builds, is tested and trains.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/nearest.hpp"
#include "host/plugins.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"
#include "run/templates.hpp"
#include "run/verbs.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

Result<PluginKind> kind_of(const std::string& word) {
  std::vector<std::string> words;
  for (const PluginKind kind : {PluginKind::task, PluginKind::kernel, PluginKind::optimizer}) {
    if (to_string(kind) == word) return kind;
    words.push_back(to_string(kind));
  }
  return Error{"", "there is no kind '" + word + "' of plugin", suggestion(word, words)};
}

bool is_plain_name(const std::string& name) {
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto fits = [&](char c) { return is_small(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && is_small(name.front()) && std::ranges::all_of(name, fits);
}

Result<Done> check_name(PluginKind kind, const std::string& name) {
  if (!is_plain_name(name)) {
    return Error{"", "'" + name + "' cannot be the name of a plugin",
                 "a name is small letters, digits and underscores, begins with a letter, and is no "
                 "path: half_rate"};
  }
  const auto plugins = Plugins::scan(plugin_folders({}, installed_plugins()));
  if (plugins && plugins->entry(kind, name) != nullptr) {
    return Error{"", "there is a " + to_string(kind) + " called '" + name + "' already",
                 "take another name"};
  }
  std::error_code code;
  if (fs::exists(fs::symlink_status(name, code))) {
    return Error{name, "exists already", "take another name, or move it away"};
  }
  return Done{};
}

Result<Done> write(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out) return Done{};
  return Error{file.string(), std::string("cannot be written: ") + std::strerror(errno), "",
               Blame::machine};
}

// All files, or no folder.
Result<Done> write_folder(PluginKind kind, const std::string& name) {
  std::error_code code;
  if (!fs::create_directory(name, code)) {
    return Error{name, "cannot be made: " + code.message(), "", Blame::machine};
  }
  const std::string prefix = executable().parent_path().parent_path().string();
  for (const auto& [file, text] : plugin_files(kind, name, prefix)) {
    if (auto written = write(fs::path(name) / file, text); !written) {
      fs::remove_all(name, code);
      return written.errors();
    }
  }
  return Done{};
}

}  // namespace

int new_verb(const Options& options) {
  const auto kind = kind_of(options.kind);
  if (!kind) return complain(kind.errors());
  const std::string& name = options.name;
  if (auto free = check_name(*kind, name); !free) return complain(free.errors());
  if (auto written = write_folder(*kind, name); !written) return complain(written.errors());
  std::printf("%s/: %s %s plugin that is ready to build\n\n", name.c_str(),
              *kind == PluginKind::optimizer ? "an" : "a", to_string(*kind).c_str());
  std::printf("  cd %s\n  cmake -S . -B build\n  cmake --build build\n", name.c_str());
  std::printf("  ctest --test-dir build --output-on-failure\n\n");
  std::printf("then: attnlab run GRID.yaml --out DIR --plugins %s/build\n", name.c_str());
  return 0;
}

}  // namespace attnlab

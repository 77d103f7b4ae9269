// folders.cpp: folders whose layout gives the class.
#include "folders.hpp"

#include <attnlab/plugin.hpp>
#include <set>

namespace text_classification {

using attnlab::Failure;
using reading::content_of;
using reading::listing;
using reading::plain_name;

Documents folder_per_class(const fs::path& folder) {
  Documents out;
  const auto ignore = [&](std::size_t n, const char* what, const fs::path& where) {
    if (n == 0) return;
    out.remarks += std::to_string(n) + " " + what + " " + where.string() + " ignored; ";
  };
  const reading::Listing inside = listing(folder);
  ignore(inside.files.size(), "files beside the classes in", folder);
  for (const fs::path& klass : inside.folders) {
    const std::string name = klass.filename().string();
    const auto [below, files] = listing(klass);
    if (name == "unsup") {
      ignore(files.size(), "files of", klass);
      continue;
    }
    ignore(below.size(), "folders in", klass);
    if (files.empty()) {
      throw Failure(klass.string() +
                    " holds no files: expected one text a file, below one folder "
                    "a class");
    }
    for (const fs::path& file : files) out.add(name, content_of(file));
  }
  if (out.size() + out.n_empty == 0) {
    throw Failure(folder.string() + " holds no class folders (such as pos/ and neg/)");
  }
  return out;
}

Documents file_per_class(const fs::path& folder) {
  Documents out;
  std::vector<fs::path> files = listing(folder).files;
  std::erase_if(files, [&](const fs::path& file) {
    const std::string name = file.filename().string();
    const bool is_notice = name.starts_with("README") || name.starts_with("LICENSE");
    if (is_notice) out.remarks += name + " ignored; ";
    return is_notice;
  });
  std::set<std::string> stems, classes;
  for (const fs::path& file : files) {
    const fs::path name = plain_name(file);
    stems.insert(name.stem().string());
    classes.insert(name.extension().string());
  }
  const bool by_extension = stems.size() == 1 && classes.size() == files.size();
  const bool by_stem = stems.size() == files.size() && classes.size() == 1;
  if (files.size() < 2 || (!by_extension && !by_stem)) {
    throw Failure(folder.string() +
                  ": expected one file a class that differ in one part of their "
                  "names (rt-polarity.pos and rt-polarity.neg, or pos.txt and neg.txt) and nothing "
                  "else, but it holds " +
                  std::to_string(files.size()) + " files");
  }

  for (const fs::path& file : files) {
    const fs::path name = plain_name(file);
    const std::string klass =
        by_extension ? name.extension().string().substr(1) : name.stem().string();
    const std::string content = content_of(file);
    std::string_view rest = content;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      out.add(klass, line);
    }
  }
  return out;
}

}  // namespace text_classification

// sources.cpp: which files a path stands for, by format or by what is there.
#include "sources.hpp"

#include <algorithm>
#include <attnlab/plugin.hpp>

#include "folders.hpp"

namespace text_classification {
namespace {

using attnlab::Failure;
using reading::content_of;
using reading::is_folder;
using reading::is_there;
using reading::Listing;
using reading::listing;
using reading::plain_name;

constexpr const char* wanted =
    "Looked for one of: a folder tree such as aclImdb (train/pos, train/neg, test/pos, test/neg; "
    "Large Movie Review Dataset, https://ai.stanford.edu/~amaas/data/sentiment/), a folder a "
    "class, "
    "a file a class (rt-polarity.pos, rt-polarity.neg; "
    "https://www.cs.cornell.edu/people/pabo/movie-review-data/), a TSV or CSV file with labels and "
    "texts, or lines of `label text` (stsa.binary.train); all may be .gz";

// The one file of a folder with this word among the parts of its name (stsa.binary.train.gz,
// imdb_train.tsv); none: empty.
fs::path file_of_part(const std::vector<fs::path>& files, const std::string& word) {
  fs::path found;
  for (const fs::path& file : files) {
    const std::string name = plain_name(file);
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find_first_of("._-", begin), name.size());
      if (name.compare(begin, end - begin, word) == 0) {
        if (!found.empty() && found != file) {
          throw Failure("both " + found.string() + " and " + file.string() + " could be the " +
                        word + " part: give the file itself as path");
        }
        found = file;
      }
      begin = end + 1;
    }
  }
  return found;
}

Documents read_file(const fs::path& file, const Request& request) {
  const std::string content = content_of(file);
  const std::string& format = request.format;
  if (format == "folders" || format == "files") {
    throw Failure(file.string() + " is a file, but format: " + format + " needs a folder");
  }
  const Layout layout = format == "tsv"     ? Layout::tsv
                        : format == "csv"   ? Layout::csv
                        : format == "lines" ? Layout::lines
                                            : layout_of(file, content);
  return delimited(file, content, layout, request.columns);
}

// A folder without train/ above its classes, or a single file.
Documents read_part(const fs::path& path, const Request& request) {
  if (!is_there(path)) throw Failure(path.string() + " does not exist. " + wanted);
  if (!is_folder(path)) return read_file(path, request);
  const Listing inside = listing(path);
  const bool folders =
      request.format == "folders" || (request.format == "auto" && !inside.folders.empty());
  if (folders) return folder_per_class(path);
  if (request.format == "auto" || request.format == "files") {
    if (inside.files.empty()) throw Failure(path.string() + " is an empty folder. " + wanted);
    return file_per_class(path);
  }
  throw Failure(path.string() + " is a folder, but format: " + request.format +
                " needs a file, or a folder with one file that has `train` in its name");
}

struct Parts {
  fs::path train, test;  // test may be empty
};

// Where the training and the test part are.
Parts parts_of(fs::path path, const Request& request) {
  if (!is_folder(path)) return {path, {}};
  if (!is_folder(path / "train") && is_folder(path / "aclImdb" / "train")) path /= "aclImdb";
  if (is_folder(path / "train")) {
    return {path / "train", is_folder(path / "test") ? path / "test" : fs::path{}};
  }
  if (request.format == "folders" || request.format == "files") return {path, {}};
  const std::vector<fs::path> files = listing(path).files;
  const fs::path train = file_of_part(files, "train");
  if (train.empty()) return {path, {}};
  return {train, file_of_part(files, "test")};
}

}  // namespace

Places places_of(const Request& request) {
  if (request.path.empty()) throw Failure("path is not given. " + std::string(wanted));
  if (!is_there(request.path)) {
    throw Failure(request.path.string() + " does not exist. " + wanted);
  }
  const Parts parts = parts_of(request.path, request);
  if (request.validation.empty()) return {parts.train, {}};

  fs::path held_out = parts.test;
  if (request.validation != "test") {
    held_out = request.validation;
    held_out = reading::found(request.base / held_out);  // an absolute one stays
    if (!is_there(held_out)) {
      throw Failure("validation: " + held_out.string() +
                    " does not exist; give a share such as "
                    "0.2, the path of another file or folder, or `test`");
    }
    if (is_folder(held_out / "test") && !is_folder(held_out / "pos")) held_out /= "test";
  } else if (held_out.empty()) {
    throw Failure("validation: test, but " + request.path.string() +
                  " has no test part (a folder test/, or a file with `test` in its name)");
  }
  return {parts.train, held_out};
}

Sources read_sources(const Places& places, const Request& request) {
  Sources out{read_part(places.train, request), std::nullopt};
  if (!places.validation.empty()) out.validation = read_part(places.validation, request);
  return out;
}

}  // namespace text_classification

// image_set.cpp: which files a path stands for, by format or by what is there.
#include "image_set.hpp"

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <charconv>

#include "../reading/file.hpp"

namespace images {
namespace {

using attnlab::Failure;
using reading::Listing;

constexpr const char* wanted =
    "Looked for one of: a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain "
    "or .gz (MNIST: https://ossci-datasets.s3.amazonaws.com/mnist/, Fashion-MNIST: "
    "https://github.com/zalandoresearch/fashion-mnist), an IDX file of images, a CSV file with a "
    "label and pixels a line, or a folder of PNG files for each class";

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}
bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// The images of MNIST's part `train` or `t10k`; empty: not there.
fs::path idx_file(const fs::path& folder, const std::string& part) {
  for (const char* name : {"-images-idx3-ubyte", "-images.idx3-ubyte"}) {
    for (const char* end : {"", ".gz"}) {
      const fs::path file = folder / (part + name + end);
      if (is_there(file)) return file;
    }
  }
  return {};
}

// The one CSV file of a folder, or the one with `word` in its name; empty: none.
fs::path csv_file(const fs::path& folder, const std::string& word) {
  std::vector<fs::path> found;
  for (const fs::path& file : reading::listing(folder).files) {
    const std::string name = reading::plain_name(file);
    if (name.ends_with(".csv") && name.find(word) != std::string::npos) found.push_back(file);
  }
  if (found.size() > 1) {
    throw Failure("both " + found[0].string() + " and " + found[1].string() +
                  " could be meant: give the file itself as path");
  }
  return found.empty() ? fs::path{} : found[0];
}

struct Places {
  fs::path train, test;  // files, or folders of classes; test may be empty
};

Places places_in(const fs::path& folder, const std::string& format) {
  const bool any = format == "auto";
  if (any || format == "idx") {
    if (const fs::path train = idx_file(folder, "train"); !train.empty()) {
      return {train, idx_file(folder, "t10k")};
    }
    if (!idx_file(folder, "t10k").empty()) {
      throw Failure(folder.string() +
                    " holds t10k-images-idx3-ubyte but no train-images-idx3-ubyte(.gz): to train "
                    "on the test part, give its file as path");
    }
  }
  if (any || format == "csv") {
    if (const fs::path train = csv_file(folder, "train"); !train.empty()) {
      return {train, csv_file(folder, "test")};
    }
    if (const fs::path only = csv_file(folder, ""); !only.empty()) return {only, {}};
  }
  if (any || format == "folders") {
    if (is_folder(folder / "train")) {
      return {folder / "train", is_folder(folder / "test") ? folder / "test" : fs::path{}};
    }
    if (!reading::listing(folder).folders.empty()) return {folder, {}};
  }
  throw Failure(folder.string() + " holds nothing to read" +
                (any ? std::string() : " as format: " + format) + ". " + wanted);
}

ImageSet read_one(const fs::path& path, const Request& request) {
  if (is_folder(path)) return read_class_folders(path);
  const std::string& format = request.format;
  if (format == "folders") {
    throw Failure(path.string() + " is a file, but format: folders needs a folder");
  }
  const std::string name = reading::plain_name(path);
  const bool csv = format == "csv" || (format == "auto" && name.ends_with(".csv"));
  if (csv) return read_table(path, request.label_column);
  if (format == "auto" && name.find("idx") == std::string::npos) {
    throw Failure(path.string() +
                  " is neither called .csv nor has `idx` in its name; set format to csv or idx. " +
                  wanted);
  }
  return read_idx(path);
}

}  // namespace

std::vector<std::string> ImageSet::classes() const {
  std::vector<std::string> out = labels;
  const auto value = [](const std::string& text) {
    long long n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(n)
                                                                    : std::nullopt;
  };
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (std::all_of(out.begin(), out.end(), value)) {
    std::stable_sort(out.begin(), out.end(), [&](const std::string& a, const std::string& b) {
      return value(a) < value(b);
    });
  }
  return out;
}

Sources read_sources(const Request& request) {
  if (!is_there(request.path)) {
    throw Failure(request.path.string() + " does not exist. " + wanted);
  }
  const Places places =
      is_folder(request.path) ? places_in(request.path, request.format) : Places{request.path, {}};
  Sources out{read_one(places.train, request), std::nullopt};
  if (request.validation.empty()) return out;

  fs::path held_out = places.test;
  if (request.validation != "test") {
    held_out = request.validation;
    if (held_out.is_relative()) held_out = request.base / held_out;
    if (!is_there(held_out)) {
      throw Failure("validation: " + held_out.string() +
                    " does not exist; give a share such as 0.2, the path of another file or "
                    "folder, or `test`");
    }
    if (is_folder(held_out)) held_out = places_in(held_out, request.format).train;
  } else if (held_out.empty()) {
    throw Failure("validation: test, but " + request.path.string() +
                  " has no test part: looked for t10k-images-idx3-ubyte(.gz), a CSV file with "
                  "`test` in its name, a folder test/");
  }
  out.validation = read_one(held_out, request);
  const ImageSet &a = out.train, &b = *out.validation;
  if (a.rows != b.rows || a.columns != b.columns) {
    throw Failure(b.path + " has images of " + std::to_string(b.rows) + " x " +
                  std::to_string(b.columns) + " pixels, " + a.path + " of " +
                  std::to_string(a.rows) + " x " + std::to_string(a.columns));
  }
  return out;
}

}  // namespace images

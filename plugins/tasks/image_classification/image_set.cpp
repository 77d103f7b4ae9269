// image_set.cpp: which files a path stands for, by format or by what is there.
#include "image_set.hpp"

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <charconv>

#include "../reading/cache.hpp"
#include "../reading/file.hpp"

namespace images {
namespace {

using attnlab::Failure;
using reading::is_folder;
using reading::is_there;
using reading::Pack;

constexpr const char* wanted =
    "Looked for one of: a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain "
    "or .gz (MNIST: https://ossci-datasets.s3.amazonaws.com/mnist/, Fashion-MNIST: "
    "https://github.com/zalandoresearch/fashion-mnist), an IDX file of images, a CSV file with a "
    "label and pixels a line, or a folder of PNG files for each class";

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

Images read_one(const fs::path& path, const Request& request) {
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

// The different labels, by value if all are numbers, else by bytes.
std::vector<std::string> classes_of(const Images& images) {
  std::vector<std::string> out = images.labels;
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

void check_sizes(const Images& a, const Images& b) {
  if (a.rows != b.rows || a.columns != b.columns) {
    throw Failure(b.path + " has images of " + std::to_string(b.rows) + " x " +
                  std::to_string(b.columns) + " pixels, " + a.path + " of " +
                  std::to_string(a.rows) + " x " + std::to_string(a.columns));
  }
}

void add(Pack& pack, const std::string& name, Images images) {
  const std::vector<std::string> classes = classes_of(images);
  std::vector<std::int32_t> labels;
  for (const std::string& label : images.labels) {
    labels.push_back(static_cast<std::int32_t>(std::find(classes.begin(), classes.end(), label) -
                                               classes.begin()));
  }
  pack.add(name + ".grey", std::move(images.grey));
  pack.add(name + ".labels", std::move(labels));
  pack.add_texts(name + ".classes", classes);
  pack.add(name + ".sizes", std::vector<std::int64_t>{images.rows, images.columns, images.brightest,
                                                      images.n_blank});
}

ImageSet set_in(const Pack& pack, const std::string& name, const fs::path& path) {
  const auto sizes = pack.items<std::int64_t>(name + ".sizes");
  ImageSet out{.rows = sizes[0],
               .columns = sizes[1],
               .grey = pack.items<std::uint8_t>(name + ".grey"),
               .labels = pack.items<std::int32_t>(name + ".labels"),
               .classes = {},
               .path = path.string(),
               .brightest = static_cast<int>(sizes[2]),
               .n_blank = sizes[3]};
  const reading::Texts classes = pack.texts(name + ".classes");
  for (std::int64_t c = 0; c < classes.size(); ++c) out.classes.emplace_back(classes[c]);
  return out;
}

// What is read for `path`: it, and for IDX files the labels beside it.
void add_files(const fs::path& path, std::vector<fs::path>& out) {
  out.push_back(path);
  if (path.empty() || is_folder(path)) return;
  try {
    out.push_back(labels_of(path));
  } catch (const Failure&) {  // no IDX file, or one without labels, which read_idx tells
  }
}

// Where the training images are, and those held out; the second may be empty.
Places places_of(const Request& request) {
  if (!is_there(request.path)) {
    throw Failure(request.path.string() + " does not exist. " + wanted);
  }
  const Places places =
      is_folder(request.path) ? places_in(request.path, request.format) : Places{request.path, {}};
  if (request.validation.empty()) return {places.train, {}};

  fs::path held_out = places.test;
  if (request.validation != "test") {
    held_out = request.validation;
    held_out = reading::found(request.base / held_out);  // an absolute one stays
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
  return {places.train, held_out};
}

}  // namespace

Sources read_sources(const Request& request) {
  const Places places = places_of(request);
  reading::Recipe recipe{"image_classification", {}, request.format + " " + request.label_column};
  add_files(places.train, recipe.files);
  add_files(places.test, recipe.files);
  Sources out;
  out.pack = reading::prepared(recipe, [&] {
    Pack made;
    Images train = read_one(places.train, request);
    if (!places.test.empty()) {
      Images held_out = read_one(places.test, request);
      check_sizes(train, held_out);
      add(made, "validation", std::move(held_out));
    }
    add(made, "training", std::move(train));
    return made;
  });
  out.train = set_in(*out.pack, "training", places.train);
  if (!places.test.empty()) out.validation = set_in(*out.pack, "validation", places.test);
  return out;
}

}  // namespace images

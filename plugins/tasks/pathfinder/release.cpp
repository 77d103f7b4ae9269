// release.cpp: metadata/<batch>.npy (text in the release, a real NumPy file from the program
// itself) and imgs/<batch>/*.png.
//
// A line of metadata: folder, file, number, label, continuity, contour length, ... Fields 0, 1 and
// 3 are used.
#include "release.hpp"

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <charconv>
#include <cstring>
#include <set>
#include <span>

#include "../reading/cache.hpp"
#include "../reading/file.hpp"
#include "../reading/png_file.hpp"

namespace pathfinder {
namespace {

namespace fs = std::filesystem;
using attnlab::Failure;
using Fields = std::vector<std::string>;

constexpr const char* wanted =
    "Looked for a folder with metadata/<number>.npy (or .txt) and imgs/<number>/*.png, such as "
    "pathfinder32/curv_contour_length_14 in lra_release.gz of the Long Range Arena "
    "(https://github.com/google-research/long-range-arena). Without `path` the images are drawn "
    "by the program itself";

fs::path difficulty(const fs::path& path, std::int64_t contour_length) {
  if (!reading::is_there(path)) throw Failure(path.string() + " does not exist. " + wanted);
  const fs::path name = contour_length == 6
                            ? "curv_baseline"
                            : "curv_contour_length_" + std::to_string(contour_length);
  for (const fs::path& above : {path, path / name, path / "pathfinder32" / name,
                                path / "lra_release" / "lra_release" / "pathfinder32" / name,
                                path / "lra_release" / "pathfinder32" / name}) {
    if (reading::is_folder(above / "metadata")) return above;
  }
  throw Failure(path.string() + " has neither metadata/ nor " + name.string() +
                "/metadata/ (contour_length " + std::to_string(contour_length) + "). " + wanted);
}

std::vector<Fields> records_of_text(const std::string& content) {
  std::vector<Fields> out;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    Fields fields;
    for (std::size_t i = at; i < end;) {
      const std::size_t stop = std::min(content.find_first_of(" \t\r\n", i), end);
      if (stop > i) fields.push_back(content.substr(i, stop - i));
      i = stop + 1;
    }
    out.push_back(std::move(fields));
    at = end + 1;
  }
  return out;
}

// The whole numbers after `key` in the header of a NumPy file.
std::vector<std::size_t> numbers_after(const std::string& header, const std::string& key) {
  std::vector<std::size_t> out;
  std::size_t at = header.find(key);
  if (at == std::string::npos) return out;
  const char* p = header.data() + at + key.size();
  const char* const end = header.data() + header.size();
  while (p < end && *p != ')' && *p != '\'' && out.size() < 2) {
    std::size_t n = 0;
    const auto [stop, error] = std::from_chars(p, end, n);
    if (error == std::errc()) out.push_back(n);
    p = stop == p ? p + 1 : stop;
  }
  return out;
}

// A NumPy array [n, fields] of UTF-32 strings, version 1 or 2, row by row, little-endian.
std::vector<Fields> records_of_numpy(const fs::path& file, const std::string& content) {
  const auto wrong = [&](const std::string& what) {
    return Failure(file.string() + " is a NumPy file that " + what +
                   "; expected a two-dimensional array of strings ('<U...'), as the Pathfinder "
                   "program writes it");
  };
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(content[i]); };
  const std::size_t start = content.size() > 6 && byte(6) >= 2 ? 12 : 10;
  if (content.size() < start) throw wrong("ends in its header");
  std::size_t length = byte(8) | static_cast<std::size_t>(byte(9)) << 8;
  if (start == 12) {
    length |= static_cast<std::size_t>(byte(10)) << 16 | static_cast<std::size_t>(byte(11)) << 24;
  }
  if (content.size() - start < length) throw wrong("ends in its header");
  const std::string header = content.substr(start, length);
  const auto width = numbers_after(header, "'<U"), shape = numbers_after(header, "'shape': (");
  if (width.size() != 1 || shape.size() != 2 ||
      header.find("'fortran_order': False") == std::string::npos) {
    throw wrong("has the header " + header.substr(0, 100));
  }
  const std::size_t n = content.size() - start - length, cell = 4 * width[0];
  if (cell == 0 || shape[1] == 0 || shape[0] > n / cell / shape[1] ||
      shape[0] * shape[1] * cell != n) {
    throw wrong("holds " + std::to_string(n) + " bytes of data, not " + std::to_string(shape[0]) +
                " x " + std::to_string(shape[1]) + " strings of " + std::to_string(cell));
  }
  std::vector<Fields> out(shape[0], Fields(shape[1]));
  for (std::size_t i = 0; i < shape[0] * shape[1]; ++i) {
    for (std::size_t k = 0; k < width[0]; ++k) {
      const std::size_t at = start + length + i * cell + 4 * k;
      if (byte(at) == 0 && byte(at + 1) == 0) break;
      if (byte(at) >= 0x80 || byte(at + 1) != 0) throw wrong("has names that are not ASCII");
      out[i / shape[1]][i % shape[1]] += content[at];
    }
  }
  return out;
}

std::vector<fs::path> batches_of(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const fs::path& file : reading::listing(folder / "metadata").files) {
    if (file.extension() == ".npy" || file.extension() == ".txt") out.push_back(file);
  }
  if (out.empty()) {
    throw Failure((folder / "metadata").string() + " holds no .npy and no .txt file. " + wanted);
  }
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i].stem() == out[i - 1].stem()) {
      throw Failure("both " + out[i - 1].string() + " and " + out[i].filename().string() +
                    " are there: keep one of them");
    }
  }
  return out;
}

void check(const Fields& fields, const std::string& at) {
  if (fields.size() < 4) {
    throw Failure(at + "this record has " + std::to_string(fields.size()) +
                  " fields, expected a folder, a file, a number, the label 0 or 1, ...");
  }
  if (fields[3] != "0" && fields[3] != "1") {
    throw Failure(at + "the fourth field is '" + fields[3].substr(0, 40) +
                  "', not the label 0 or 1 (the metadata of the segmentation variant have no "
                  "label)");
  }
}

// The images while they are read.
struct Images {
  std::int64_t rows = 0, columns = 0, n_batches = 0, n_unnamed = 0;
  std::vector<std::uint8_t> grey, labels;
  std::vector<std::string> empty;
};

void add_image(Images& out, const fs::path& file, const std::string& label) {
  std::error_code error;
  if (fs::is_regular_file(file, error) && fs::file_size(file, error) == 0) {
    out.empty.push_back(file.string());
    return;
  }
  const reading::Image image = reading::read_png(file);
  if (out.labels.empty()) out.rows = image.rows, out.columns = image.columns;
  if (image.rows != out.rows || image.columns != out.columns) {
    throw Failure(file.string() + " has " + std::to_string(image.rows) + " x " +
                  std::to_string(image.columns) + " pixels, the images before it " +
                  std::to_string(out.rows) + " x " + std::to_string(out.columns));
  }
  out.grey.insert(out.grey.end(), image.grey.begin(), image.grey.end());
  out.labels.push_back(label == "1");
}

// How many images lie beside those that the metadata name: some if metadata were cut at a line.
std::int64_t unnamed(const fs::path& difficulty, const std::set<std::string>& named) {
  std::set<std::string> folders;
  for (const std::string& one : named) folders.insert(fs::path(one).parent_path().string());
  std::int64_t n = 0;
  for (const std::string& folder : folders) {
    if (!reading::is_folder(difficulty / folder)) continue;
    for (const fs::path& file : reading::listing(difficulty / folder).files) {
      n += file.extension() == ".png" &&
           !named.contains((fs::path(folder) / file.filename()).string());
    }
  }
  return n;
}

Images images_in(const fs::path& difficulty) {
  Images out;
  std::vector<Fields> all;
  std::set<std::string> named;
  for (const fs::path& batch : batches_of(difficulty)) {
    const std::string content = reading::content_of(batch);
    const bool numpy = content.starts_with("\x93NUMPY");
    std::vector<Fields> records =
        numpy ? records_of_numpy(batch, content) : records_of_text(content);
    if (records.empty()) throw Failure(batch.string() + " is empty");
    for (std::size_t i = 0; i < records.size(); ++i) {
      check(records[i], batch.string() + ":" + std::to_string(i + 1) + ": ");
      all.push_back(std::move(records[i]));
    }
    ++out.n_batches;
  }
  for (const Fields& fields : all) {
    const std::string name = (fs::path(fields[0]) / fields[1]).string();
    if (!named.insert(name).second) {
      throw Failure((difficulty / "metadata").string() + " names " + name + " twice");
    }
    add_image(out, difficulty / name, fields[3]);
  }
  out.n_unnamed = unnamed(difficulty, named);
  if (out.labels.empty()) throw Failure(difficulty.string() + " holds empty image files only");
  return out;
}

}  // namespace

Release read_release(const fs::path& path, std::int64_t contour_length) {
  const fs::path folder = difficulty(path, contour_length);
  const auto pack = reading::prepared({"pathfinder", {folder}, ""}, [&] {
    Images read = images_in(folder);
    reading::Pack made;
    made.add("grey", std::move(read.grey));
    made.add("labels", std::move(read.labels));
    made.add("sizes", std::vector{read.rows, read.columns, read.n_batches, read.n_unnamed});
    made.add_texts("empty", read.empty);
    return made;
  });
  const auto sizes = pack->items<std::int64_t>("sizes");
  return {.rows = sizes[0],
          .columns = sizes[1],
          .grey = pack->items<std::uint8_t>("grey"),
          .labels = pack->items<std::uint8_t>("labels"),
          .folder = folder,
          .n_batches = sizes[2],
          .n_unnamed = sizes[3],
          .empty = pack->texts("empty"),
          .pack = pack};
}

}  // namespace pathfinder

// image_set.hpp: labelled images of one size, and which files a path stands for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../reading/pack.hpp"

namespace images {

namespace fs = std::filesystem;

// Images while they are read.
struct Images {
  std::int64_t rows = 0, columns = 0;
  std::vector<std::uint8_t> grey;   // image after image, row by row
  std::vector<std::string> labels;  // as spelt in the data
  std::string path;
  int brightest = 255;       // what counts as white
  std::int64_t n_blank = 0;  // lines of a CSV file, left out
};

// Each reads one source whole and fails (attnlab::Failure) with the file and what is wrong.
Images read_idx(const fs::path& images);  // the labels lie beside: `images` becomes `labels`
Images read_table(const fs::path& file, const std::string& label_column);
Images read_class_folders(const fs::path& folder);

struct Request {
  fs::path path;
  std::string format;        // auto, idx, csv, folders
  std::string label_column;  // auto, first, last
  std::string validation;    // empty: none; `test`; or a path
  fs::path base;             // where a relative validation path counts from
};

// The file of labels beside one of images, as it is called or with .gz more or less. Fails if there
// is none.
fs::path labels_of(const fs::path& images);

// Images in the memory of a pack.
struct ImageSet {
  std::int64_t rows = 0, columns = 0;
  std::span<const std::uint8_t> grey;
  std::span<const std::int32_t> labels;  // places in classes
  std::vector<std::string> classes;      // by value if all are numbers, else by bytes
  std::string path;
  int brightest = 255;
  std::int64_t n_blank = 0;

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};
struct Sources {
  ImageSet train;
  std::optional<ImageSet> validation;
  std::shared_ptr<const reading::Pack> pack;  // holds both
};
// Read, or found preprocessed.
Sources read_sources(const Request& request);

}  // namespace images

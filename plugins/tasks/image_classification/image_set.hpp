// image_set.hpp: labelled images of one size, and which files a path stands for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace images {

namespace fs = std::filesystem;

struct ImageSet {
  std::int64_t rows = 0, columns = 0;
  std::vector<std::uint8_t> grey;   // image after image, row by row
  std::vector<std::string> labels;  // as spelt in the data
  std::string path;
  int brightest = 255;  // what counts as white

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  // The different labels, by value if all are numbers, else by bytes.
  std::vector<std::string> classes() const;
};

// Each reads one source whole and fails (attnlab::Failure) with the file and what is wrong.
ImageSet read_idx(const fs::path& images);  // the labels lie beside: `images` becomes `labels`
ImageSet read_table(const fs::path& file, const std::string& label_column);
ImageSet read_class_folders(const fs::path& folder);

struct Request {
  fs::path path;
  std::string format;        // auto, idx, csv, folders
  std::string label_column;  // auto, first, last
  std::string validation;    // empty: none; `test`; or a path
  fs::path base;             // where a relative validation path counts from
};
struct Sources {
  ImageSet train;
  std::optional<ImageSet> validation;
};
Sources read_sources(const Request& request);

}  // namespace images

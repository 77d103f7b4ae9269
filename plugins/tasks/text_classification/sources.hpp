// sources.hpp: from a path and a format to the texts of the training and the validation set.
#pragma once

#include <optional>
#include <string>

#include "../reading/file.hpp"
#include "delimited.hpp"
#include "documents.hpp"

namespace text_classification {

namespace fs = reading::fs;

struct Request {
  fs::path path;
  std::string format;  // auto, folders, files, tsv, csv, lines
  Columns columns;
  std::string validation;  // "": none is read; "test": what the path calls its test part; else
                           // another file or folder
  fs::path base;           // where a relative `validation` counts from
};

struct Places {
  fs::path train, validation;  // files or folders; validation may be empty
};

// Fails with a sentence that names the files that were looked for.
Places places_of(const Request& request);

struct Sources {
  Documents train;
  std::optional<Documents> validation;
};

// Fails with a sentence that names the file (and line).
Sources read_sources(const Places& places, const Request& request);

}  // namespace text_classification

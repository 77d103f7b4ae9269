// parts.hpp: which files a path stands for, as training, validation and test text.
#pragma once

#include <string>

#include "../reading/file.hpp"

namespace text_corpus {

namespace fs = reading::fs;

struct HeldOut {
  bool is_default = true;  // the folder's own validation file; of a single file a share of 0.1
  double share = 0.1;
  std::string place;  // "": a share; "test": the folder's test file; else the path of a file
};

// From the JSON of the option: null, a share, or text. Throws attnlab::Failure.
HeldOut held_out_from(const std::string& json);

struct Places {
  fs::path train, validation,
      test;  // validation empty: a share of train is held back, which may be 0
  double share = 0;
};

// Throws attnlab::Failure that names what was looked for, what is there, and where to get it.
// A relative `held_out.place` counts from `base`.
Places places_of(const fs::path& given, const HeldOut& held_out, const fs::path& base);

// The bytes of a file. Throws attnlab::Failure if it cannot be read, is damaged or is empty.
std::string text_of(const fs::path& file);

}  // namespace text_corpus

// files.hpp: ListOps expressions from TSV files: Long Range Arena's, and the original ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../reading/file.hpp"
#include "expression.hpp"

namespace listops {

namespace fs = reading::fs;

struct Part {
  Collected expressions;
  std::string file;
  std::int64_t n_blank = 0, n_too_long = 0;  // left out
};

// The expressions of a file of at most max_length tokens. Lines are `expression<TAB>answer` with a
// header `Source<TAB>Target` (LRA), or `answer<TAB>expression` (original); carriage returns at the
// end are dropped. Throws attnlab::Failure with file and line for what is no expression, and with
// the number of answers that are not those of their expressions.
Part read_part(const fs::path& file, std::int64_t max_length);

// The files of the training, validation and test part behind `given` (a file, or a folder with
// basic_train.tsv ...); empty: there is none. Throws attnlab::Failure that names what was looked
// for.
struct Places {
  fs::path train, validation, test;
};
Places places_of(const fs::path& given);

}  // namespace listops

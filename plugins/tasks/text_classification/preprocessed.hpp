// preprocessed.hpp: labelled texts as token ids, split and cut: all that a trial needs.
#pragma once

#include <attnlab/task.hpp>

#include "../reading/pack.hpp"
#include "sources.hpp"
#include "units.hpp"

namespace text_classification {

struct Choices {
  bool by_word = false;
  std::int64_t max_length = 512;  // tokens a text
  double share = 0;               // held back from the training texts if there are no others
  std::int64_t limit = 0;         // texts of each source; 0: all
  std::int64_t n_most = 10000, min_count = 1;  // by word: of the vocabulary
};

// `training` and `validation` (Samples), `classes` (their number), `report`, and by word `words`
// (texts). Fails with a sentence that names the file (and line).
reading::Pack preprocessed(const Places& places, const Request& request, const Choices& choices,
                           const attnlab::Host& host);

}  // namespace text_classification

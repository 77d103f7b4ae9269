// corpus.hpp: a text after preprocessing: the tokens of its parts, counts and words.
#pragma once

#include <array>
#include <memory>

#include "../reading/pack.hpp"
#include "columns.hpp"
#include "parts.hpp"
#include "words.hpp"

namespace text_corpus {

// What the tokens depend on beside the files.
struct Choices {
  bool by_word = false;
  Splitter splitter = Splitter::white_space;  // by word
  std::int64_t n_most = 0, min_count = 1;     // by word: of the vocabulary
  std::array<std::int64_t, 2> limits{};       // tokens of training and validation; 0: all
};

// One part of the text.
struct Part {
  Stream tokens;
  std::int64_t n_unknown = 0;
  std::int64_t most_frequent = 0, count_of_it = 0;
  double entropy = 0;  // of single tokens, in nats
};

struct Corpus {
  std::array<Part, 3> parts;                  // training, validation, test
  reading::Texts words;                       // by word: of the ids 1, 2, ...
  std::int64_t n_seen = 0;                    // by word: different words of the training part
  std::shared_ptr<const reading::Pack> pack;  // holds all of it

  std::int64_t vocabulary() const { return pack->number("vocabulary"); }
};

// Read, or found preprocessed. Throws attnlab::Failure if a file cannot be read or is empty.
Corpus corpus_of(const Places& places, const Choices& choices);

}  // namespace text_corpus

// corpus.cpp: files -> tokens -> the held-back end -> limits -> vocabulary of the training part.
#include "corpus.hpp"

#include <algorithm>
#include <cmath>

#include "../reading/cache.hpp"

namespace text_corpus {
namespace {

using reading::Pack;

constexpr std::array<const char*, 3> names{"training", "validation", "test"};

template <class Tokens>
void cut(Tokens& tokens, std::int64_t limit) {
  if (limit > 0 && static_cast<std::int64_t>(tokens.size()) > limit) {
    tokens.resize(static_cast<std::size_t>(limit));
  }
}

template <class Tokens, class Read>
std::array<Tokens, 3> tokens_of(const Places& places, const Choices& choices, const Read& read) {
  Tokens train = read(places.train), validation, test;
  if (!places.validation.empty()) {
    validation = read(places.validation);
  } else if (places.share > 0) {
    const auto n = static_cast<double>(train.size());
    const auto kept = static_cast<std::ptrdiff_t>(std::llround((1 - places.share) * n));
    validation.assign(train.begin() + kept, train.end());
    train.resize(static_cast<std::size_t>(kept));
  }
  if (!places.test.empty() && places.test != places.validation) test = read(places.test);
  cut(train, choices.limits[0]);
  cut(validation, choices.limits[1]);
  return {std::move(train), std::move(validation), std::move(test)};
}

// The tokens of a part with what is known of them. What always guessing the most frequent token
// gets right is the least that a model must beat.
template <class Tokens>
void add(Pack& out, std::size_t p, Tokens tokens, std::int64_t n_unknown, std::int64_t n_ids) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(n_ids));
  for (const auto token : tokens) {
    if constexpr (sizeof token == 1) {
      ++counts[static_cast<unsigned char>(token)];
    } else {
      ++counts[static_cast<std::size_t>(token)];
    }
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  double entropy = 0;
  const auto n = static_cast<double>(tokens.size());
  for (const std::int64_t count : counts) {
    if (count > 0)
      entropy -= static_cast<double>(count) / n * std::log(static_cast<double>(count) / n);
  }
  const std::string name = names[p];
  out.add(name + ".counts", std::vector<std::int64_t>{n_unknown, most - counts.begin(), *most});
  out.add(name + ".entropy", std::vector<double>{entropy});
  out.add(name, std::move(tokens));
}

Pack by_byte(const Places& places, const Choices& choices) {
  auto parts = tokens_of<std::string>(places, choices, text_of);
  Pack out;
  for (std::size_t p = 0; p < 3; ++p) add(out, p, std::move(parts[p]), 0, 256);
  out.add_number("vocabulary", 256);
  return out;
}

Pack by_word(const Places& places, const Choices& choices) {
  Vocabulary vocabulary;
  auto parts = tokens_of<std::vector<std::int32_t>>(places, choices, [&](const fs::path& file) {
    return vocabulary.read(text_of(file), choices.splitter);
  });
  vocabulary.close(parts[0], choices.n_most, choices.min_count);
  Pack out;
  for (std::size_t p = 0; p < 3; ++p) {
    const std::int64_t n_unknown = vocabulary.rank(parts[p]);
    add(out, p, std::move(parts[p]), n_unknown, vocabulary.size());
  }
  out.add_number("vocabulary", vocabulary.size());
  out.add_number("seen", vocabulary.n_seen());
  out.add_texts("words", vocabulary.words());
  return out;
}

std::string text_from(const Places& places, const Choices& choices) {
  std::string out = choices.by_word ? "word" : "byte";
  for (const std::int64_t n : {static_cast<std::int64_t>(choices.splitter), choices.n_most,
                               choices.min_count, choices.limits[0], choices.limits[1]}) {
    out += " " + std::to_string(n);
  }
  return out + " " + reading::exact(places.share);
}

}  // namespace

Corpus corpus_of(const Places& places, const Choices& choices) {
  const reading::Recipe recipe{
      "text_corpus", {places.train, places.validation, places.test}, text_from(places, choices)};
  Corpus out;
  out.pack = reading::prepared(recipe, [&] {
    return choices.by_word ? by_word(places, choices) : by_byte(places, choices);
  });
  for (std::size_t p = 0; p < 3; ++p) {
    const std::string name = names[p];
    const auto counts = out.pack->items<std::int64_t>(name + ".counts");
    Part& part = out.parts[p];
    part.tokens = choices.by_word ? Stream(out.pack->items<std::int32_t>(name))
                                  : Stream(out.pack->items<unsigned char>(name));
    part.n_unknown = counts[0], part.most_frequent = counts[1], part.count_of_it = counts[2];
    part.entropy = out.pack->items<double>(name + ".entropy")[0];
  }
  if (choices.by_word) {
    out.words = out.pack->texts("words");
    out.n_seen = out.pack->number("seen");
  }
  return out;
}

}  // namespace text_corpus

// text_corpus.cpp: which token comes next? Any text, word by word or byte by byte, as columns of a
// stream.
//
// Everything is read in the constructor, or found preprocessed: corpus -> columns. Nothing is
// random, so trials share the data.
#include <array>
#include <attnlab/task.hpp>
#include <cstdio>

#include "../reading/spelling.hpp"
#include "corpus.hpp"

namespace {

using attnlab::Failure;
using text_corpus::Columns;
using text_corpus::fs::path;

constexpr std::array options{
    attnlab::option::path("path", nullptr,
                          "a text file, or a folder with wiki.train.tokens, ptb.train.txt or "
                          "train.txt and their valid and test; plain or .gz"),
    attnlab::option::choice("unit", "\"byte\"", "byte|word",
                            "a token is a byte (id = byte) or a word"),
    attnlab::option::choice(
        "words", "\"white_space\"", "white_space|basic_english",
        "unit word: what stands between white space, <eos> at line ends; or "
        "as torchtext's basic_english: lower case, punctuation apart, no <eos>"),
    attnlab::option::integer("sequence_length", "35", 1, 1e7, "1", "tokens a sample (bptt)"),
    attnlab::option::integer("columns", "20", 1, 1e9, "1",
                             "equal pieces that the stream of tokens is cut into"),
    attnlab::option::integer("vocabulary", "0", 0, 2e9, "1",
                             "unit word: so many most frequent words of the training part; 0: all"),
    attnlab::option::integer("min_count", "1", 1, 1e12, "1", "unit word: rarer words are unknown"),
    attnlab::option::value("validation", "null",
                           "share of the text to hold back at its end, `test` for the folder's "
                           "test file, or the path of another file; null: the folder's own "
                           "validation file, else 0.1"),
    attnlab::option::integer("limit", "0", 0, 1e15, "1",
                             "use so many tokens of the training part, from its start; 0: all"),
    attnlab::option::integer("validation_limit", "0", 0, 1e15, "1",
                             "use so many tokens of the validation part; 0: all"),
};

class TextCorpus {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_TASK_SEEDLESS;

  TextCorpus(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t)
      : by_word_(o.text("unit") == "word"), length_(o.integer("sequence_length")) {
    const path given = o.text("path");
    const text_corpus::Places places = text_corpus::places_of(
        given, text_corpus::held_out_from(o.is_null("validation") ? "null" : o.text("validation")),
        host.folder().empty() ? given.parent_path() : path(host.folder()));
    n_columns_ = o.integer("columns");
    corpus_ = text_corpus::corpus_of(
        places,
        {.by_word = by_word_,
         .splitter = o.text("words") == "basic_english" ? text_corpus::Splitter::basic_english
                                                        : text_corpus::Splitter::white_space,
         .n_most = o.integer("vocabulary"),
         .min_count = o.integer("min_count"),
         .limits = {o.integer("limit"), o.integer("validation_limit")}});
    arrange(places);
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_TOKEN;
    out.target_per_token = 1;
    out.max_tokens = length_;
    out.vocabulary = corpus_.vocabulary();
    out.outputs = out.vocabulary;
    for (std::size_t s = 0; s < 3; ++s) out.n_samples[s] = splits_[s].n_samples();
    out.report = report_.c_str();
  }

  void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const {
    if (split < 0 || split > 2 || index < 0 || index >= of(split).n_samples()) {
      throw Failure("there is no such sample");
    }
    of(split).sample(index, out.tokens, out.target_ids);
    out.n_tokens = length_;
    out.group = -1;
  }

  std::string token_name(std::int64_t id) const {
    if (id < 0 || id >= corpus_.vocabulary()) return "";
    if (!by_word_) return reading::byte_name(static_cast<unsigned char>(id));
    return id == 0 ? "<unk>" : reading::printable(corpus_.words[id - 1]);
  }

 private:
  const Columns& of(std::int32_t split) const { return splits_[static_cast<std::size_t>(split)]; }

  void arrange(const text_corpus::Places& places) {
    const std::int64_t n = corpus_.parts[0].tokens.size();
    if (n / n_columns_ < length_ + 1) {
      throw Failure(
          places.train.string() + " gives " + std::to_string(n) + " tokens to train on, but " +
          std::to_string(n_columns_) + " columns of at least " + std::to_string(length_ + 1) +
          " (sequence_length and one) need " + std::to_string(n_columns_ * (length_ + 1)) +
          "; take fewer columns or a shorter sequence_length");
    }
    if (by_word_ && corpus_.vocabulary() < 2) {
      throw Failure(places.train.string() + ": no word occurs often enough; lower min_count");
    }
    add(0, "training", places.train.string());
    add(1, "validation", places.validation.empty() ? "the end of it" : places.validation.string());
    add(2, "test", places.test.string());
    if (by_word_) {
      report_ += "\nvocabulary: <unk> and " + std::to_string(corpus_.vocabulary() - 1) + " of " +
                 std::to_string(corpus_.n_seen) + " different words of the training part";
    }
  }

  // Fewer columns if a part that is not trained on is too short for all of them.
  void add(std::size_t split, const char* name, const std::string& from) {
    const text_corpus::Part& part = corpus_.parts[split];
    const std::int64_t n = part.tokens.size();
    if (n == 0) return;
    if (split > 0) report_ += "\n";
    report_ += std::string(name) + ": " + std::to_string(n) + (by_word_ ? " words" : " bytes") +
               " (" + from + ")";
    const std::int64_t n_columns = std::min(n_columns_, n / (length_ + 1));
    if (n_columns == 0) {
      report_ += ", too short for one sample: left out";
      return;
    }
    splits_[split] = Columns(part.tokens, n_columns, length_);
    const Columns& made = splits_[split];
    report_ += "; " + std::to_string(n_columns) + " columns of " + std::to_string(n / n_columns) +
               ", " + std::to_string(made.n_samples()) + " samples of " + std::to_string(length_) +
               " tokens, " + std::to_string(made.n_targets()) + " targets";
    if (by_word_) report_ += "; unknown: " + reading::percent(part.n_unknown, n);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "; entropy of the single tokens %.4f nats",
                  part.entropy);
    report_ += "; most frequent: " + token_name(part.most_frequent) + " " +
               reading::percent(part.count_of_it, n) + text.data();
  }

  bool by_word_;
  std::int64_t length_, n_columns_ = 0;
  text_corpus::Corpus corpus_;
  std::array<Columns, 3> splits_;  // train, validation, test
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(
    TextCorpus, options,
    (attnlab::About{
        .name = "text_corpus",
        .summary = "The next token of any text, word by word or byte by byte, for every token of a "
                   "window.",
        .formula = "byte: id = byte; word: 0 = <unk>, then by falling count; sample b c + j: "
                   "block b of column j of c",
        .paper = "WikiText: Merity et al. 2016, arXiv:1609.07843; Scan and Snap: Tian et al. 2023, "
                 "arXiv:2305.16380",
    }))

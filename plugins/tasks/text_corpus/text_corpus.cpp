// text_corpus.cpp: which token comes next? Any text, word by word or byte by byte, as columns of a
// stream.
//
// Everything is read in the constructor: files -> tokens -> the held-back end -> limits ->
// vocabulary of the training part -> columns. Nothing is random, so trials share the data.
#include <array>
#include <attnlab/task.hpp>
#include <cstdio>

#include "../reading/spelling.hpp"
#include "columns.hpp"
#include "parts.hpp"
#include "words.hpp"

namespace {

using attnlab::Failure;
using text_corpus::Columns;
using text_corpus::Stream;
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

template <class Tokens>
void cut(Tokens& tokens, std::int64_t limit) {
  if (limit > 0 && static_cast<std::int64_t>(tokens.size()) > limit) {
    tokens.resize(static_cast<std::size_t>(limit));
  }
}

// The tokens of the three parts.
template <class Tokens>
struct Parts {
  Tokens train, validation, test;
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
    limits_ = {o.integer("limit"), o.integer("validation_limit")};
    n_columns_ = o.integer("columns");
    if (by_word_) {
      const auto splitter = o.text("words") == "basic_english"
                                ? text_corpus::Splitter::basic_english
                                : text_corpus::Splitter::white_space;
      auto parts = read<std::vector<std::int32_t>>(places, [&](const path& file) {
        return vocabulary_.read(text_corpus::text_of(file), splitter);
      });
      vocabulary_.close(parts.train, o.integer("vocabulary"), o.integer("min_count"));
      rank(0, parts.train), rank(1, parts.validation), rank(2, parts.test);
      arrange(places, std::move(parts));
    } else {
      arrange(places, read<std::string>(places, text_corpus::text_of));
    }
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_TOKEN;
    out.target_per_token = 1;
    out.max_tokens = length_;
    out.vocabulary = by_word_ ? vocabulary_.size() : 256;
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
    if (by_word_) return vocabulary_.name(id);
    return id < 0 || id > 255 ? "" : reading::byte_name(static_cast<unsigned char>(id));
  }

 private:
  const Columns& of(std::int32_t split) const { return splits_[static_cast<std::size_t>(split)]; }

  template <class Tokens, class Read>
  Parts<Tokens> read(const text_corpus::Places& places, const Read& tokens_of) const {
    Parts<Tokens> out{tokens_of(places.train), {}, {}};
    if (!places.validation.empty()) {
      out.validation = tokens_of(places.validation);
    } else if (places.share > 0) {
      const auto n = static_cast<double>(out.train.size());
      const auto kept = static_cast<std::ptrdiff_t>(std::llround((1 - places.share) * n));
      out.validation.assign(out.train.begin() + kept, out.train.end());
      out.train.resize(static_cast<std::size_t>(kept));
    }
    if (!places.test.empty() && places.test != places.validation) out.test = tokens_of(places.test);
    cut(out.train, limits_[0]);
    cut(out.validation, limits_[1]);
    return out;
  }

  void rank(std::size_t split, std::vector<std::int32_t>& tokens) {
    n_unknown_[split] = vocabulary_.rank(tokens);
  }

  template <class Tokens>
  void arrange(const text_corpus::Places& places, Parts<Tokens> parts) {
    const auto n = static_cast<std::int64_t>(parts.train.size());
    if (n / n_columns_ < length_ + 1) {
      throw Failure(
          places.train.string() + " gives " + std::to_string(n) + " tokens to train on, but " +
          std::to_string(n_columns_) + " columns of at least " + std::to_string(length_ + 1) +
          " (sequence_length and one) need " + std::to_string(n_columns_ * (length_ + 1)) +
          "; take fewer columns or a shorter sequence_length");
    }
    if (by_word_ && vocabulary_.size() < 2) {
      throw Failure(places.train.string() + ": no word occurs often enough; lower min_count");
    }
    add(0, "training", std::move(parts.train), places.train.string());
    add(1, "validation", std::move(parts.validation),
        places.validation.empty() ? "the end of it" : places.validation.string());
    add(2, "test", std::move(parts.test), places.test.string());
    if (by_word_) {
      report_ += "\nvocabulary: <unk> and " + std::to_string(vocabulary_.size() - 1) + " of " +
                 std::to_string(vocabulary_.n_seen()) + " different words of the training part";
    }
  }

  // Fewer columns if a part that is not trained on is too short for all of them.
  template <class Tokens>
  void add(std::size_t split, const char* name, Tokens tokens, const std::string& from) {
    const auto n = static_cast<std::int64_t>(tokens.size());
    if (n == 0) return;
    if (split > 0) report_ += "\n";
    report_ += std::string(name) + ": " + std::to_string(n) + (by_word_ ? " words" : " bytes") +
               " (" + from + ")";
    const std::int64_t n_columns = std::min(n_columns_, n / (length_ + 1));
    if (n_columns == 0) {
      report_ += ", too short for one sample: left out";
      return;
    }
    splits_[split] = Columns(Stream(std::move(tokens)), n_columns, length_);
    const Columns& made = splits_[split];
    report_ += "; " + std::to_string(n_columns) + " columns of " + std::to_string(n / n_columns) +
               ", " + std::to_string(made.n_samples()) + " samples of " + std::to_string(length_) +
               " tokens, " + std::to_string(made.n_targets()) + " targets";
    if (by_word_) report_ += "; unknown: " + percent(n_unknown_[split], n);
    describe_frequent(made.stream());
  }

  // What always guessing the most frequent token gets right: the least a model must beat.
  void describe_frequent(const Stream& stream) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(by_word_ ? vocabulary_.size() : 256));
    for (std::int64_t i = 0; i < stream.size(); ++i) ++counts[static_cast<std::size_t>(stream[i])];
    const auto most = std::max_element(counts.begin(), counts.end());
    double entropy = 0;
    const auto n = static_cast<double>(stream.size());
    for (const std::int64_t count : counts) {
      if (count > 0)
        entropy -= static_cast<double>(count) / n * std::log(static_cast<double>(count) / n);
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "; entropy of the single tokens %.4f nats", entropy);
    report_ += "; most frequent: " + token_name(most - counts.begin()) + " " +
               percent(*most, stream.size()) + text.data();
  }

  static std::string percent(std::int64_t part, std::int64_t whole) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%",
                  100.0 * static_cast<double>(part) / static_cast<double>(whole));
    return text.data();
  }

  bool by_word_;
  std::int64_t length_, n_columns_ = 0;
  std::array<std::int64_t, 2> limits_{};
  std::array<std::int64_t, 3> n_unknown_{};
  text_corpus::Vocabulary vocabulary_;
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

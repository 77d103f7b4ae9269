// text_classification.cpp: which class does a text belong to? Texts from files, split and cut the
// same way for every trial.
//
// Everything is read in the constructor: sources -> one seeded order -> limit -> validation share
// -> vocabulary of the training part -> ids. The order has a seed of its own, so that trials of any
// seed share the data.
#include <attnlab/task.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sources.hpp"
#include "units.hpp"

namespace {

using attnlab::Failure;
using text_classification::Documents;
using text_classification::Encoded;
using text_classification::Sources;
using text_classification::Vocabulary;

constexpr std::array options{
    attnlab::option::path("path", nullptr, "the data: a folder or a file, plain or .gz"),
    attnlab::option::choice("format", "\"auto\"", "auto|folders|files|tsv|csv|lines",
                            "layout of the data; auto looks at names and the first line"),
    attnlab::option::text("label_column", "\"\"",
                          "header of the label column; empty: the usual names"),
    attnlab::option::text("text_column", "\"\"",
                          "header of the text column; empty: the usual names"),
    attnlab::option::choice("unit", "\"byte\"", "byte|word",
                            "a token is a byte (id = byte + 1) or what stands between white space"),
    attnlab::option::integer("max_length", "512", 1, 1e7, "1",
                             "tokens a sample; what is longer is cut off at the end"),
    attnlab::option::value("validation", "0.2",
                           "share of the training texts to hold back, `test` for the data's own "
                           "test part, or the path of another file or folder"),
    attnlab::option::integer("limit", "0", 0, 1e12, "1",
                             "use so many texts of each source, in seeded order; 0: all"),
    attnlab::option::integer("vocabulary", "10000", 1, 2e9, "1",
                             "unit word: so many most frequent words of the training texts"),
    attnlab::option::integer("min_count", "1", 1, 1e12, "1", "unit word: rarer words are unknown"),
};

constexpr std::uint64_t order_seed = 20020131;  // not the trial's: all trials see one split

std::vector<std::int64_t> in_seeded_order(std::int64_t n, std::int64_t limit,
                                          const attnlab::Host& host, std::uint64_t stream) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  attnlab::shuffle(host, order_seed, stream, std::span(order));
  if (limit > 0 && limit < n) order.resize(static_cast<std::size_t>(limit));
  return order;
}

std::int32_t number_of(const std::string& label, const std::vector<std::string>& classes) {
  const auto found = std::find(classes.begin(), classes.end(), label);
  return found == classes.end() ? -1 : static_cast<std::int32_t>(found - classes.begin());
}

// A share, or where other texts are.
struct HeldOut {
  double share = 0;
  std::string place;
};

HeldOut held_out_from(const std::string& json) {
  const nlohmann::json value = nlohmann::json::parse(json);
  if (value.is_number() && value.get<double>() >= 0 && value.get<double>() < 1) {
    return {value.get<double>(), ""};
  }
  if (value.is_string() && !value.get<std::string>().empty()) {
    return {0, value.get<std::string>()};
  }
  throw Failure("validation is " + value.dump() +
                ": give a share from 0 to below 1, `test`, or the path of another file or folder");
}

class TextClassification {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_TASK_SEEDLESS;

  TextClassification(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t)
      : by_word_(o.text("unit") == "word"), max_length_(o.integer("max_length")) {
    const HeldOut held_out =
        o.is_null("validation") ? HeldOut{} : held_out_from(o.text("validation"));
    const text_classification::fs::path path = o.text("path");
    const Sources sources = text_classification::read_sources(
        {.path = path,
         .format = o.text("format"),
         .columns = {o.text("label_column"), o.text("text_column")},
         .validation = held_out.place,
         .base = host.folder().empty() ? path.parent_path()
                                       : text_classification::fs::path(host.folder())});
    classes_ = sources.train.classes();
    if (classes_.size() < 2) {
      throw Failure(sources.train_path + " has " +
                    (classes_.empty() ? "no text that is not empty"
                                      : "one class only ('" + classes_[0].substr(0, 40) + "')") +
                    "; classification needs two");
    }
    const std::int64_t limit = o.integer("limit");
    std::vector<std::int64_t> train = in_seeded_order(sources.train.size(), limit, host, 0);
    std::vector<std::int64_t> validation;
    if (sources.validation) {
      validation = in_seeded_order(sources.validation->size(), limit, host, 1);
    } else {
      const auto n = static_cast<std::int64_t>(
          std::llround(held_out.share * static_cast<double>(train.size())));
      if (n >= static_cast<std::int64_t>(train.size())) {
        throw Failure("a validation share of " + std::to_string(held_out.share) + " of " +
                      std::to_string(train.size()) + " texts leaves none to train on");
      }
      validation.assign(train.begin(), train.begin() + n);
      train.erase(train.begin(), train.begin() + n);
    }
    if (by_word_) {
      for (const std::int64_t i : train) vocabulary_.count(sources.train.text(i));
      vocabulary_.close(o.integer("vocabulary"), o.integer("min_count"));
    }
    splits_[0] = encoded(sources.train, train, sources.train_path);
    splits_[1] = sources.validation
                     ? encoded(*sources.validation, validation, sources.validation_path)
                     : encoded(sources.train, validation, sources.train_path);
    write_report(sources, held_out);
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_CLASS;
    out.padded = 1;
    out.max_tokens = max_length_;
    out.vocabulary = by_word_ ? vocabulary_.size() : 257;
    out.outputs = static_cast<std::int64_t>(classes_.size());
    out.n_samples[ATTNLAB_SPLIT_TRAIN] = splits_[0].size();
    out.n_samples[ATTNLAB_SPLIT_VALIDATION] = splits_[1].size();
    out.report = report_.c_str();
  }

  void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const {
    if (split < 0 || split > 1 || index < 0 || index >= of(split).size()) {
      throw Failure("there is no such sample");
    }
    out.n_tokens = of(split).copy_to(out.tokens, index);
    out.target_ids[0] = of(split).label(index);
    out.group = -1;
  }

  std::string token_name(std::int64_t id) const {
    return by_word_ ? vocabulary_.name(id) : text_classification::byte_name(id);
  }

 private:
  const Encoded& of(std::int32_t split) const { return splits_[static_cast<std::size_t>(split)]; }

  Encoded encoded(const Documents& documents, const std::vector<std::int64_t>& order,
                  const std::string& file) const {
    Encoded out;
    for (const std::int64_t i : order) {
      const std::int32_t label = number_of(documents.label(i), classes_);
      if (label < 0) {
        throw Failure(file + " has the class '" + documents.label(i).substr(0, 40) +
                      "', which the training data lack");
      }
      if (by_word_) {
        out.add_words(documents.text(i), vocabulary_, max_length_, label);
      } else {
        out.add_bytes(documents.text(i), max_length_, label);
      }
    }
    return out;
  }

  // One line a split: texts, classes, lengths; then the vocabulary and what was left out.
  void write_report(const Sources& sources, const HeldOut& held_out) {
    report_ = describe("training", splits_[0], sources.train_path);
    if (splits_[1].size() > 0) {
      report_ += "\n" + describe("validation", splits_[1],
                                 sources.validation
                                     ? sources.validation_path
                                     : "held back, share " + std::to_string(held_out.share));
    }
    if (by_word_) {
      report_ += "\nvocabulary: " + std::to_string(vocabulary_.size() - 2) + " of " +
                 std::to_string(vocabulary_.n_seen()) +
                 " different words; unknown: " + share(splits_[0].n_unknown, splits_[0].n_units) +
                 " of the training words, " + share(splits_[1].n_unknown, splits_[1].n_units) +
                 " of the validation words";
    }
    const std::int64_t n_empty =
        sources.train.n_empty + (sources.validation ? sources.validation->n_empty : 0);
    report_ += "\nskipped: " + std::to_string(n_empty) + " empty texts";
    const std::string remarks =
        sources.train.remarks + (sources.validation ? sources.validation->remarks : "");
    if (!remarks.empty()) report_ += "; " + remarks.substr(0, remarks.size() - 2);
  }

  std::string describe(const std::string& what, Encoded& split, const std::string& from) const {
    std::vector<std::int64_t> counts(classes_.size(), 0);
    for (std::int64_t i = 0; i < split.size(); ++i) {
      ++counts[static_cast<std::size_t>(split.label(i))];
    }
    std::string out = what + ": " + std::to_string(split.size()) + " texts (" + from + "); classes";
    for (std::size_t c = 0; c < classes_.size() && c < 20; ++c) {
      out += std::string(c == 0 ? " " : ", ") + classes_[c] + " " + std::to_string(counts[c]);
    }
    if (classes_.size() > 20) out += ", and " + std::to_string(classes_.size() - 20) + " more";
    std::vector<std::int64_t> lengths = std::move(split.lengths);
    std::sort(lengths.begin(), lengths.end());
    return out + "; " + (by_word_ ? "words" : "bytes") + " a text min " +
           std::to_string(lengths.front()) + ", median " +
           std::to_string(lengths[lengths.size() / 2]) + ", max " + std::to_string(lengths.back()) +
           "; " + std::to_string(split.n_truncated) + " cut off at " + std::to_string(max_length_);
  }

  static std::string share(std::int64_t part, std::int64_t whole) {
    std::array<char, 32> text{};
    const double percent =
        whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    std::snprintf(text.data(), text.size(), "%.1f %%", percent);
    return text.data();
  }

  bool by_word_;
  std::int64_t max_length_;
  std::vector<std::string> classes_;
  Vocabulary vocabulary_;
  std::array<Encoded, 2> splits_;  // train, validation
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(
    TextClassification, options,
    (attnlab::About{
        .name = "text_classification",
        .summary = "Texts from folders, TSV, CSV or lines, byte by byte or word by "
                   "word; the class is the target.",
        .formula = "byte: id = byte + 1, 0 = padding; word: 0 = padding, 1 = unknown",
        .paper = "aclImdb: Maas et al., ACL 2011; Long Range Arena: Tay et al., "
                 "ICLR 2021",
    }))

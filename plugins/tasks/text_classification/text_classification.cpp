// text_classification.cpp: which class does a text belong to? Texts from files, split and cut the
// same way for every trial.
//
// Everything is read in the constructor, or found preprocessed (preprocessed.cpp). Nothing depends
// on the trial's seed, so that trials share the data.
#include <array>
#include <attnlab/task.hpp>
#include <nlohmann/json.hpp>

#include "../reading/cache.hpp"
#include "../reading/file.hpp"
#include "../reading/spelling.hpp"
#include "preprocessed.hpp"

namespace {

using attnlab::Failure;
using text_classification::Choices;
using text_classification::Places;
using text_classification::Samples;

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

// What the preprocessed data depend on beside the files.
std::string text_from(const text_classification::Request& request, const Choices& choices) {
  std::string out = request.format + (choices.by_word ? " word" : " byte");
  for (const std::int64_t n :
       {choices.max_length, choices.limit, choices.n_most, choices.min_count}) {
    out += " " + std::to_string(n);
  }
  return out + " " + reading::exact(choices.share) + "\nlabel " + request.columns.label +
         "\ntext " + request.columns.text;
}

class TextClassification {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_TASK_SEEDLESS;

  TextClassification(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t)
      : by_word_(o.text("unit") == "word"), max_length_(o.integer("max_length")) {
    const HeldOut held_out =
        o.is_null("validation") ? HeldOut{} : held_out_from(o.text("validation"));
    const text_classification::fs::path path = reading::found(o.text("path"));
    const text_classification::Request request{
        .path = path,
        .format = o.text("format"),
        .columns = {o.text("label_column"), o.text("text_column")},
        .validation = held_out.place,
        .base = host.folder().empty() ? path.parent_path()
                                      : text_classification::fs::path(host.folder())};
    const Choices choices{.by_word = by_word_,
                          .max_length = max_length_,
                          .share = held_out.share,
                          .limit = o.integer("limit"),
                          .n_most = o.integer("vocabulary"),
                          .min_count = o.integer("min_count")};
    const Places places = text_classification::places_of(request);
    pack_ = reading::prepared(
        {"text_classification", {places.train, places.validation}, text_from(request, choices)},
        [&] { return text_classification::preprocessed(places, request, choices, host); });
    n_classes_ = pack_->number("classes");
    report_ = pack_->text("report");
    if (by_word_) words_ = pack_->texts("words");
    splits_ = {Samples(*pack_, "training", by_word_), Samples(*pack_, "validation", by_word_)};
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_CLASS;
    out.padded = 1;
    out.max_tokens = max_length_;
    out.vocabulary = by_word_ ? words_.size() + 2 : 257;
    out.outputs = n_classes_;
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
    if (!by_word_) return text_classification::byte_name(id);
    if (id < 0 || id >= words_.size() + 2) return "";
    if (id < 2) return id == 0 ? "<pad>" : "<unk>";
    return reading::printable(words_[id - 2]);
  }

 private:
  const Samples& of(std::int32_t split) const { return splits_[static_cast<std::size_t>(split)]; }

  bool by_word_;
  std::int64_t max_length_, n_classes_ = 0;
  std::shared_ptr<const reading::Pack> pack_;  // holds words_ and splits_
  reading::Texts words_;                       // of the ids 2, 3, ...
  std::array<Samples, 2> splits_;              // training, validation
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

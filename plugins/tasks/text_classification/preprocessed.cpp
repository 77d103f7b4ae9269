// preprocessed.cpp: sources -> one seeded order -> limit -> validation share -> vocabulary of the
// training part -> ids.
#include "preprocessed.hpp"

#include "../reading/spelling.hpp"
#include "../reading/split.hpp"

namespace text_classification {
namespace {

using attnlab::Failure;

constexpr std::uint64_t order_seed = 20020131;  // not the trial's: all trials see one split

std::int32_t number_of(const std::string& label, const std::vector<std::string>& classes) {
  const auto found = std::find(classes.begin(), classes.end(), label);
  return found == classes.end() ? -1 : static_cast<std::int32_t>(found - classes.begin());
}

class Preprocessing {
 public:
  Preprocessing(const Places& places, const Request& request, const Choices& choices,
                const attnlab::Host& host)
      : by_word_(choices.by_word), max_length_(choices.max_length) {
    const Sources sources = read_sources(places, request);
    classes_ = sources.train.classes();
    if (classes_.size() < 2) {
      throw Failure(places.train.string() + " has " +
                    (classes_.empty() ? "no text that is not empty"
                                      : "one class only ('" + classes_[0].substr(0, 40) + "')") +
                    "; classification needs two");
    }
    std::vector<std::int64_t> train =
        reading::in_seeded_order(sources.train.size(), choices.limit, host, order_seed, 0);
    const std::vector<std::int64_t> validation =
        sources.validation ? reading::in_seeded_order(sources.validation->size(), choices.limit,
                                                      host, order_seed, 1)
                           : reading::held_back(train, choices.share, "texts");
    if (by_word_) {
      for (const std::int64_t i : train) vocabulary_.count(sources.train.text(i));
      vocabulary_.close(choices.n_most, choices.min_count);
    }
    const std::string from = places.train.string(), other = places.validation.string();
    splits_[0] = encoded(sources.train, train, from);
    splits_[1] = sources.validation ? encoded(*sources.validation, validation, other)
                                    : encoded(sources.train, validation, from);
    write_report(sources, from,
                 sources.validation ? other : "held back, share " + std::to_string(choices.share));
  }

  reading::Pack pack() && {
    reading::Pack out;
    splits_[0].move_to(out, "training", by_word_);
    splits_[1].move_to(out, "validation", by_word_);
    out.add_number("classes", static_cast<std::int64_t>(classes_.size()));
    out.add("report", std::move(report_));
    if (by_word_) out.add_texts("words", vocabulary_.words());
    return out;
  }

 private:
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
  void write_report(const Sources& sources, const std::string& from, const std::string& held_from) {
    report_ = describe("training", splits_[0], from);
    if (splits_[1].size() > 0) {
      report_ += "\n" + describe("validation", splits_[1], held_from);
    }
    if (by_word_) {
      report_ +=
          "\nvocabulary: " + std::to_string(vocabulary_.size() - 2) + " of " +
          std::to_string(vocabulary_.n_seen()) + " different words; unknown: " +
          reading::percent(splits_[0].n_unknown, splits_[0].n_units) + " of the training words, " +
          reading::percent(splits_[1].n_unknown, splits_[1].n_units) + " of the validation words";
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

  bool by_word_;
  std::int64_t max_length_;
  std::vector<std::string> classes_;
  Vocabulary vocabulary_;
  std::array<Encoded, 2> splits_;  // training, validation
  std::string report_;
};

}  // namespace

reading::Pack preprocessed(const Places& places, const Request& request, const Choices& choices,
                           const attnlab::Host& host) {
  return Preprocessing(places, request, choices, host).pack();
}

}  // namespace text_classification

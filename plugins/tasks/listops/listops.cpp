// listops.cpp: what digit does a nested expression of MIN, MAX, MED and SM give? Drawn from the
// seed, or read from files.
#include <array>
#include <attnlab/task.hpp>
#include <cstdio>

#include "expression.hpp"
#include "files.hpp"
#include "tree.hpp"

namespace {

using attnlab::Failure;
using listops::Drawn;
using listops::Expressions;

constexpr std::array options{
    attnlab::option::integer("min_length", "500", 0, 1e7, "1",
                             "generator: an expression has more tokens than that"),
    attnlab::option::integer("max_length", "2000", 1, 1e7, "1",
                             "generator: an expression has fewer tokens; files: it has at most so "
                             "many, longer ones are left out; also the padded length"),
    attnlab::option::integer("max_depth", "10", 1, 1000, "1",
                             "generator: at this depth all nodes are digits; the root has depth 1"),
    attnlab::option::integer("samples", "0", 0, 1e9, "1",
                             "training samples; 0: fresh draws at every step, with a path all"),
    attnlab::option::integer("validation_samples", "0", 0, 1e9, "1",
                             "draws kept for validation, 0: none; with a path: so many, 0: all of "
                             "its validation part; of a single file the last ones"),
    attnlab::option::path("path", "\"\"",
                          "folder with basic_train.tsv (Long Range Arena), or a TSV file; empty: "
                          "expressions are drawn from the seed"),
};

constexpr std::int64_t patience = 1000000;  // trees tried for one sample

class ListOps {
 public:
  static constexpr std::uint32_t flags = 0;

  ListOps(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed)
      : host_(host),
        seed_(seed),
        rules_{o.integer("min_length"), o.integer("max_length"), o.integer("max_depth")} {
    const std::int64_t n_train = o.integer("samples"), n_held = o.integer("validation_samples");
    const std::string path = o.text("path");
    if (path.empty()) {
      make(n_train, n_held);
    } else {
      read(path, n_train, n_held);
    }
    if (!report_.empty()) report_.pop_back();  // the last line break
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_CLASS;
    out.padded = 1;
    out.max_tokens = rules_.max_length;
    out.vocabulary = listops::n_ids;
    out.outputs = 10;
    for (std::size_t s = 0; s < 3; ++s) out.n_samples[s] = splits_[s].size();
    out.report = report_.c_str();
  }

  void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const {
    if (split < 0 || split > 2 || index < 0) throw Failure("there is no such sample");
    const Expressions& kept = splits_[static_cast<std::size_t>(split)];
    if (split == ATTNLAB_SPLIT_TRAIN && kept.size() == 0) {
      const Drawn fresh = listops::draw(rules_, host_, seed_, split, index, patience);
      return fill(fresh.tokens, fresh.answer, out);
    }
    if (index >= kept.size()) throw Failure("there is no such sample");
    fill(kept.tokens(index), kept.answer(index), out);
  }

  std::string token_name(std::int64_t id) const { return listops::token_name(id); }

 private:
  static void fill(std::span<const std::uint8_t> tokens, int answer, attnlab_sample& out) {
    std::copy(tokens.begin(), tokens.end(), out.tokens);
    out.n_tokens = static_cast<std::int64_t>(tokens.size());
    out.target_ids[0] = answer;
    out.group = -1;
  }

  void make(std::int64_t n_train, std::int64_t n_held) {
    listops::draw(rules_, host_, seed_, ATTNLAB_SPLIT_TRAIN, 0,
                  patience);  // impossible rules show here
    if (n_train == 0) report_ = "training: fresh draws at every step\n";
    make_split(ATTNLAB_SPLIT_TRAIN, "training", n_train);
    make_split(ATTNLAB_SPLIT_VALIDATION, "validation", n_held);
  }

  void make_split(std::int32_t split, const char* name, std::int64_t n) {
    Expressions& made = splits_[static_cast<std::size_t>(split)];
    std::int64_t n_tried = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const Drawn drawn = listops::draw(rules_, host_, seed_, split, i, patience);
      made.add(drawn.tokens, drawn.answer);
      n_tried += drawn.n_tried;
    }
    if (n == 0) return;
    describe(name, made, "drawn; " + percent(n, n_tried) + " of the trees fitted");
  }

  void read(const std::string& path, std::int64_t n_train, std::int64_t n_held) {
    const listops::Places places = listops::places_of(path);
    listops::Part train = listops::read_part(places.train, rules_.max_length);
    if (places.validation.empty()) {
      const std::int64_t n = train.expressions.size();
      if (n_held >= n) {
        throw Failure("validation_samples is " + std::to_string(n_held) + ", but " + train.file +
                      " has " + std::to_string(n) + " expressions: none is left to train on");
      }
      take(ATTNLAB_SPLIT_TRAIN, "training", train, 0, n - n_held, n_train);
      if (n_held > 0) {
        take(ATTNLAB_SPLIT_VALIDATION, "validation, the last of the file", train, n - n_held, n, 0);
      }
    } else {
      take(ATTNLAB_SPLIT_TRAIN, "training", train, 0, train.expressions.size(), n_train);
      const auto held = listops::read_part(places.validation, rules_.max_length);
      take(ATTNLAB_SPLIT_VALIDATION, "validation", held, 0, held.expressions.size(), n_held);
    }
    if (!places.test.empty()) {
      const auto test = listops::read_part(places.test, rules_.max_length);
      take(ATTNLAB_SPLIT_TEST, "test", test, 0, test.expressions.size(), 0);
    }
  }

  // Expressions begin .. end - 1 of a part, the first n of them if n > 0.
  void take(std::int32_t split, const char* name, const listops::Part& part, std::int64_t begin,
            std::int64_t end, std::int64_t n) {
    Expressions& kept = splits_[static_cast<std::size_t>(split)];
    if (n > 0) end = std::min(end, begin + n);
    for (std::int64_t i = begin; i < end; ++i) {
      kept.add(part.expressions.tokens(i), part.expressions.answer(i));
    }
    describe(name, kept,
             part.file + "; all answers computed anew; skipped " + std::to_string(part.n_too_long) +
                 " too long, " + std::to_string(part.n_blank) + " blank lines");
  }

  // One line: how many, from where, answers 0 to 9, the share of the most frequent one, lengths.
  void describe(const char* name, const Expressions& kept, const std::string& from) {
    std::array<std::int64_t, 10> counts{};
    std::vector<std::size_t> lengths;
    for (std::int64_t i = 0; i < kept.size(); ++i) {
      ++counts[static_cast<std::size_t>(kept.answer(i))];
      lengths.push_back(kept.tokens(i).size());
    }
    std::sort(lengths.begin(), lengths.end());
    report_ += std::string(name) + ": " + std::to_string(kept.size()) + " expressions (" + from +
               "); answers 0 to 9:";
    for (const std::int64_t n : counts) report_ += " " + std::to_string(n);
    report_ += "; always the most frequent: " +
               percent(*std::max_element(counts.begin(), counts.end()), kept.size()) +
               "; tokens min " + std::to_string(lengths.front()) + ", median " +
               std::to_string(lengths[lengths.size() / 2]) + ", max " +
               std::to_string(lengths.back()) + "\n";
  }

  static std::string percent(std::int64_t part, std::int64_t whole) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%",
                  100.0 * static_cast<double>(part) / static_cast<double>(whole));
    return text.data();
  }

  attnlab::Host host_;
  std::uint64_t seed_;
  listops::Rules rules_;
  std::array<Expressions, 3> splits_;  // train, validation, test; a train set of 0 is drawn afresh
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(ListOps, options,
                    (attnlab::About{
                        .name = "listops",
                        .summary = "Nested expressions of MIN, MAX, MED and SM over digits, drawn "
                                   "from the seed or read from TSV files; the answer 0 to 9 is the "
                                   "target.",
                        .formula = "ids: 1 .. 10 the digits, 11 [MIN, 12 [MAX, 13 [MED, 14 [SM, "
                                   "15 ], 0 = padding",
                        .paper = "Nangia, Bowman 2018, arXiv:1804.06028; Long Range Arena: Tay et "
                                 "al., ICLR 2021",
                    }))

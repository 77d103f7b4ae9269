// listops.cpp: what digit does a nested expression of MIN, MAX, MED and SM give? Drawn from the
// seed, or read from files.
#include <array>
#include <attnlab/task.hpp>

#include "../reading/cache.hpp"
#include "splits.hpp"

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

class ListOps {
 public:
  static constexpr std::uint32_t flags = 0;

  ListOps(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed)
      : host_(host),
        seed_(seed),
        rules_{o.integer("min_length"), o.integer("max_length"), o.integer("max_depth")} {
    const listops::Counts counts{o.integer("samples"), o.integer("validation_samples")};
    const std::string path = o.text("path");
    if (path.empty()) {
      pack_ = std::make_shared<const reading::Pack>(listops::drawn(rules_, counts, host, seed));
    } else {
      const listops::Places places = listops::places_of(path);
      pack_ =
          reading::prepared({"listops",
                             {places.train, places.validation, places.test},
                             std::to_string(rules_.max_length) + " " +
                                 std::to_string(counts.train) + " " + std::to_string(counts.held)},
                            [&] { return listops::read(places, rules_.max_length, counts); });
    }
    for (std::size_t s = 0; s < 3; ++s) splits_[s] = Expressions(*pack_, listops::split_names[s]);
    report_ = pack_->text("report");
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
      const Drawn fresh = listops::draw(rules_, host_, seed_, split, index, listops::patience);
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

  attnlab::Host host_;
  std::uint64_t seed_;
  listops::Rules rules_;
  std::shared_ptr<const reading::Pack> pack_;  // holds splits_
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

// splits.cpp: draws or reads the expressions of a trial, and tells of them.
#include "splits.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "../reading/spelling.hpp"

namespace listops {
namespace {

using attnlab::Failure;

// Whole GiB, upwards.
std::string gib(double bytes) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(bytes / 0x1p30))) + " GiB";
}

// Drawn expressions are kept in memory, a byte a token and an end each.
void check_memory(const Rules& rules, const Counts& counts) {
  const double n = static_cast<double>(counts.train) + static_cast<double>(counts.held);
  const double needed = n * static_cast<double>(rules.min_length + 1 + 8);
  const double present =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (needed <= present) return;
  throw Failure("samples and validation_samples ask for " +
                std::to_string(counts.train + counts.held) + " expressions of more than " +
                std::to_string(rules.min_length) + " tokens, which need at least " + gib(needed) +
                " of memory, and this machine has " + gib(present) +
                ": take fewer, or samples: 0 for fresh draws at every step");
}

class Splits {
 public:
  void draw(const Rules& rules, const Counts& counts, const attnlab::Host& host,
            std::uint64_t seed) {
    check_memory(rules, counts);
    listops::draw(rules, host, seed, ATTNLAB_SPLIT_TRAIN, 0,
                  patience);  // impossible rules show here
    if (counts.train == 0) report_ = "training: fresh draws at every step\n";
    draw_split(ATTNLAB_SPLIT_TRAIN, "training", counts.train, rules, host, seed);
    draw_split(ATTNLAB_SPLIT_VALIDATION, "validation", counts.held, rules, host, seed);
  }

  void read(const Places& places, std::int64_t max_length, const Counts& counts) {
    const auto [n_train, n_held] = counts;
    const Part train = read_part(places.train, max_length);
    if (places.validation.empty()) {
      const std::int64_t n = train.expressions.view().size();
      if (n_held >= n) {
        throw Failure("validation_samples is " + std::to_string(n_held) + ", but " + train.file +
                      " has " + std::to_string(n) + " expressions: none is left to train on");
      }
      take(ATTNLAB_SPLIT_TRAIN, "training", train, 0, n - n_held, n_train);
      if (n_held > 0) {
        take(ATTNLAB_SPLIT_VALIDATION, "validation, the last of the file", train, n - n_held, n, 0);
      }
    } else {
      take(ATTNLAB_SPLIT_TRAIN, "training", train, 0, train.expressions.view().size(), n_train);
      const auto held = read_part(places.validation, max_length);
      take(ATTNLAB_SPLIT_VALIDATION, "validation", held, 0, held.expressions.view().size(), n_held);
    }
    if (!places.test.empty()) {
      const auto test = read_part(places.test, max_length);
      take(ATTNLAB_SPLIT_TEST, "test", test, 0, test.expressions.view().size(), 0);
    }
  }

  reading::Pack pack() && {
    if (!report_.empty()) report_.pop_back();  // the last line break
    reading::Pack out;
    for (std::size_t s = 0; s < 3; ++s) splits_[s].move_to(out, split_names[s]);
    out.add("report", std::move(report_));
    return out;
  }

 private:
  void draw_split(std::int32_t split, const char* name, std::int64_t n, const Rules& rules,
                  const attnlab::Host& host, std::uint64_t seed) {
    Collected& made = splits_[static_cast<std::size_t>(split)];
    std::int64_t n_tried = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const Drawn drawn = listops::draw(rules, host, seed, split, i, patience);
      made.add(drawn.tokens, drawn.answer);
      n_tried += drawn.n_tried;
    }
    if (n == 0) return;
    describe(name, made.view(), "drawn; " + reading::percent(n, n_tried) + " of the trees fitted");
  }

  // Expressions begin .. end - 1 of a part, the first n of them if n > 0.
  void take(std::int32_t split, const char* name, const Part& part, std::int64_t begin,
            std::int64_t end, std::int64_t n) {
    Collected& kept = splits_[static_cast<std::size_t>(split)];
    if (n > 0) end = std::min(end, begin + n);
    const Expressions all = part.expressions.view();
    for (std::int64_t i = begin; i < end; ++i) {
      kept.add(all.tokens(i), all.answer(i));
    }
    describe(name, kept.view(),
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
               reading::percent(*std::max_element(counts.begin(), counts.end()), kept.size()) +
               "; tokens min " + std::to_string(lengths.front()) + ", median " +
               std::to_string(lengths[lengths.size() / 2]) + ", max " +
               std::to_string(lengths.back()) + "\n";
  }

  std::array<Collected, 3> splits_;
  std::string report_;
};

}  // namespace

reading::Pack drawn(const Rules& rules, const Counts& counts, const attnlab::Host& host,
                    std::uint64_t seed) {
  Splits out;
  out.draw(rules, counts, host, seed);
  return std::move(out).pack();
}

reading::Pack read(const Places& places, std::int64_t max_length, const Counts& counts) {
  Splits out;
  out.read(places, max_length, counts);
  return std::move(out).pack();
}

}  // namespace listops

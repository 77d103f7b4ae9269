// measure_text_attention.cpp: where the attention of a language model goes on text that it was not
// trained on (Tian et al. 2023, Figures 7 and 10; papers/b_scan_and_snap 5.7).
//
//   validation_entropy          over the whole validation split, dropout off
//   validation_attention_moved  mean over queries of sum_k |A_qk(t) - A_qk(t - 100)|
//   attention_distinctness      mean over queries with three keys or more of Spearman's correlation
//                               of A_qk with the distinctness of key k, counted in the training set
//
// The last two are of the lowest layer, over the first validation samples: 20 at most, and fewer if
// their maps, of which the last 100 updates are kept, are large.
#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <optional>

#include "base/bytes.hpp"
#include "base/order_statistics.hpp"
#include "observe/distinctness.hpp"
#include "observe/measure_list.hpp"
#include "train/samples.hpp"

namespace attnlab {
namespace {

constexpr Index most_samples = 20, most_weights = Index{1} << 16;
constexpr Index most_of_one = Index{1} << 18;  // weights of one sample; 101 maps may be kept
// Training samples that are counted, evenly spread; fewer if their pairs of tokens are too many.
constexpr Index most_counted = 20000, most_pairs = Index{1} << 24;
constexpr std::int64_t span = 100;  // updates between the maps that are compared
constexpr Index fewest_keys = 3;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TextWindow window_of(const SampleBuffer& buffer, const attnlab_sample& sample) {
  const auto first = [&](const std::vector<std::int32_t>& ids) {
    return std::vector<std::int32_t>(ids.begin(), ids.begin() + sample.n_tokens);
  };
  return {first(buffer.tokens), first(buffer.target_ids)};
}

class TextAttention : public Measure {
 public:
  void begin(const TrialView& trial) override {
    keys_ = trial.task.max_tokens;
    heads_ = trial.model.heads;
    const Index room = std::max<Index>(most_weights / (heads_ * keys_ * keys_), 1);
    samples_.resize(
        static_cast<std::size_t>(std::min({trial.task.n_validation, most_samples, room})));
    std::iota(samples_.begin(), samples_.end(), Index{0});
    mask_ = trial.model.mask;
    windows_.clear();
    earlier_.clear();
    SampleBuffer buffer(trial.task);
    for (const Index i : samples_) {
      attnlab_sample& sample = buffer.fresh();
      windows_.push_back(trial.validation_sample(i, sample) ? window_of(buffer, sample)
                                                            : TextWindow{});
    }
    Distinctness text(windows_, mask_);
    const Index n = std::min({trial.task.n_train, most_counted, most_pairs / (keys_ * keys_)});
    for (Index i = 0; i < n; ++i) {
      attnlab_sample& sample = buffer.fresh();
      if (trial.sample(i * trial.task.n_train / n, sample)) text.count(window_of(buffer, sample));
    }
    take_scores(text);
  }

  void at(StepView& view, MeasureRow& row) override {
    row.put("validation_entropy", view.validation_entropy());
    const std::vector<float> layers = view.validation_attention(samples_);
    std::vector<float> maps(layers.begin(), layers.begin() + n_weights());
    row.put("attention_distinctness", distinctness(maps));
    while (!earlier_.empty() && earlier_.front().step < view.step() - span) earlier_.pop_front();
    const bool there = !earlier_.empty() && earlier_.front().step == view.step() - span;
    row.put("validation_attention_moved", there ? moved(earlier_.front().maps, maps) : nan);
    earlier_.push_back({view.step(), std::move(maps)});
  }

  std::string content() const override {
    ByteWriter out;
    out.number(static_cast<std::uint64_t>(earlier_.size()));
    for (const auto& [step, maps] : earlier_) {
      out.number(step);
      out.numbers(std::span(maps));
    }
    return out.take();
  }
  bool restore(std::string_view content) override {
    ByteReader in(content);
    std::uint64_t n = 0;
    if (!in.number(n) || n > content.size()) return false;
    earlier_.clear();
    for (std::uint64_t i = 0; i < n; ++i) {
      Maps one;
      one.maps.resize(static_cast<std::size_t>(n_weights()));
      if (!in.number(one.step) || !in.numbers(std::span(one.maps))) return false;
      earlier_.push_back(std::move(one));
    }
    return in.at_end();
  }

 private:
  struct Maps {
    std::int64_t step = 0;
    std::vector<float> maps;  // [head][sample][query][key]
  };
  Index n_weights() const { return heads_ * std::ssize(samples_) * keys_ * keys_; }

  void take_scores(const Distinctness& text) {
    scores_.clear();
    for (const TextWindow& window : windows_) {
      const Index n = std::ssize(window.tokens);
      for (Index q = 0; q < n; ++q) {
        const auto at = static_cast<std::size_t>(q);
        std::vector<double>& scores = scores_.emplace_back();
        for (Index k = 0; window.next[at] >= 0 && k < n_keys_of(mask_, q, n); ++k)
          scores.push_back(text.score(window.tokens[at], window.tokens[static_cast<std::size_t>(k)],
                                      window.next[at]));
      }
    }
  }

  double distinctness(const std::vector<float>& maps) const {
    double sum = 0;
    Index counted = 0;
    for (Index h = 0; h < heads_; ++h) {
      std::size_t place = 0;  // in scores_
      for (std::size_t i = 0; i < windows_.size(); ++i) {
        for (std::size_t q = 0; q < windows_[i].tokens.size(); ++q, ++place) {
          const std::vector<double>& scores = scores_[place];
          if (std::ssize(scores) < fewest_keys) continue;
          const auto row =
              maps.begin() +
              ((h * std::ssize(windows_) + static_cast<Index>(i)) * keys_ + static_cast<Index>(q)) *
                  keys_;
          const std::vector<double> weights(row, row + std::ssize(scores));
          if (std::ranges::any_of(weights, [](double w) { return std::isnan(w); })) continue;
          const double rho = spearman(weights, scores);
          if (std::isnan(rho)) continue;
          sum += rho;
          ++counted;
        }
      }
    }
    return counted > 0 ? sum / static_cast<double>(counted) : nan;
  }

  // Rows of padding (NaN) do not count.
  double moved(const std::vector<float>& from, const std::vector<float>& to) const {
    double sum = 0;
    Index counted = 0;
    for (std::size_t row = 0; row < to.size(); row += static_cast<std::size_t>(keys_)) {
      double change = 0;
      for (std::size_t k = row; k < row + static_cast<std::size_t>(keys_); ++k)
        change += std::abs(static_cast<double>(to[k]) - static_cast<double>(from[k]));
      if (std::isnan(change)) continue;
      sum += change;
      ++counted;
    }
    return sum / static_cast<double>(counted);
  }

  Index keys_ = 0, heads_ = 0;
  Mask mask_ = Mask::none;
  std::vector<Index> samples_;
  std::vector<TextWindow> windows_;
  std::vector<std::vector<double>> scores_;  // [sample, query][key]
  std::deque<Maps> earlier_;                 // records of the last 100 updates
};

std::string unfit(const MeasureContext& c) {
  const TaskShape& task = c.task;
  if (task.input != InputKind::tokens || task.target != TargetKind::token || task.weighted)
    return "it needs a language model: a next token for every token";
  if (c.model.last_query_only) return "it needs queries: all";
  if (task.n_train <= 0 || task.n_validation <= 0)
    return "it needs a training set and a validation split";
  if (task.vocabulary >= most_distinct_tokens) return "the vocabulary is too large";
  if (c.model.heads > most_of_one / (task.max_tokens * task.max_tokens))
    return "a sample has more than " + std::to_string(most_of_one) + " weights in a layer";
  return "";
}

void plan(const MeasureContext&, Planner& planner) {
  planner.series("validation_entropy", {"record", "layer", "head"},
                 "mean entropy of the attention weights of a query over the validation split, in "
                 "nats (Tian et al. 2023, Figure 10)");
  planner.series(
      "validation_attention_moved", {"record"},
      "mean sum of changes of a query's attention weights within 100 updates, lowest "
      "layer, first validation samples; NaN where no record was taken 100 updates before");
  planner.series(
      "attention_distinctness", {"record"},
      "mean rank correlation of attention weights with what the key says about the next "
      "token given the query in the training set, lowest layer, first validation samples");
}

}  // namespace

MeasureKind text_attention_measure() {
  return {"text_attention",
          "entropy, speed and distinctness of attention on held-back text (Tian et al. 2023)",
          true,
          unfit,
          plan,
          [] { return std::unique_ptr<Measure>(std::make_unique<TextAttention>()); }};
}

}  // namespace attnlab

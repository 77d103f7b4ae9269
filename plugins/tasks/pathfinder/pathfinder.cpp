// pathfinder.cpp: are two markers joined by a contour? Images drawn on the spot, or those of the
// Long Range Arena.
//
// A pixel is a token, its grey value the id. Black is id 0, which masks: masked pixels influence
// nothing, so they are left out, and `positions` says where the others stand. Sample i of split s
// is drawn from a seed of its own, the random word i of (seed, s).
#include <attnlab/task.hpp>
#include <cstdio>
#include <numeric>
#include <optional>

#include "../reading/split.hpp"
#include "generator.hpp"
#include "release.hpp"

namespace {

using attnlab::Failure;
using pathfinder::Picture;
using pathfinder::Recipe;
using pathfinder::Release;

constexpr std::array options{
    attnlab::option::integer("contour_length", "14", 3, 20, "1",
                             "paddles of a long contour: 6 easy, 9 intermediate, 14 hard"),
    attnlab::option::integer("samples", "null", 0, 1e9, "1",
                             "training images; drawn: 10000 if not given, 0 for fresh ones each "
                             "step; read: all that validation leaves"),
    attnlab::option::integer("validation_samples", "null", 0, 1e9, "1",
                             "validation images; drawn: 1000 if not given; read: a tenth"),
    attnlab::option::path("path", "\"\"",
                          "folder of the Long Range Arena's Pathfinder images; without it images "
                          "are drawn"),
    attnlab::option::boolean("drop_black", "true",
                             "leave out black pixels, which are masked; false: they take part"),
    attnlab::option::boolean("equal_contrast", "false",
                             "drawn images: long contours as bright as distractors"),
};

constexpr std::uint64_t order_seed = 20180601;  // of the split of images that are read
constexpr std::int64_t n_surveyed = 200;        // drawn images that the report looks at

std::string with_decimals(double value, int n) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", n, value);
  return text.data();
}

class Pathfinder {
 public:
  static constexpr std::uint32_t flags = 0;

  Pathfinder(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed)
      : host_(host),
        seed_(seed),
        recipe_(static_cast<int>(o.integer("contour_length")), o.boolean("equal_contrast")),
        drop_black_(o.boolean("drop_black")) {
    const auto given = [&](const char* name) {
      return o.is_null(name) ? std::optional<std::int64_t>() : o.integer(name);
    };
    if (o.text("path").empty()) {
      n_samples_ = {given("samples").value_or(10000), given("validation_samples").value_or(1000)};
      survey();
    } else {
      if (o.boolean("equal_contrast")) {
        throw Failure("equal_contrast is for drawn images, but path gives images to read");
      }
      release_ = pathfinder::read_release(o.text("path"), recipe_.contour_length);
      divide(given("samples").value_or(0), given("validation_samples"));
    }
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_CLASS;
    out.padded = drop_black_ ? 1 : 0;
    out.max_tokens = n_pixels();
    out.vocabulary = 256;
    out.outputs = 2;
    out.n_samples[ATTNLAB_SPLIT_TRAIN] = n_samples_[0];
    out.n_samples[ATTNLAB_SPLIT_VALIDATION] = n_samples_[1];
    out.report = report_.c_str();
  }

  void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const {
    if (split < 0 || split > 1 || index < 0) throw Failure("there is no such sample");
    if (release_) {
      const auto place = static_cast<std::size_t>(index + (split == 0 ? n_samples_[1] : 0));
      if (place >= order_.size()) throw Failure("there is no such sample");
      const auto i = static_cast<std::size_t>(order_[place]);
      fill(out, release_->grey.data() + i * static_cast<std::size_t>(n_pixels()),
           release_->labels[i]);
    } else {
      const Picture made = draw(split, index);
      fill(out, made.grey.data(), made.label);
    }
  }

 private:
  std::int64_t n_pixels() const {
    return release_ ? release_->rows * release_->columns : pathfinder::side * pathfinder::side;
  }

  Picture draw(std::int32_t split, std::int64_t index) const {
    const auto stream = static_cast<std::uint64_t>(split);
    const std::uint64_t own = host_.random_bits(seed_, stream, static_cast<std::uint64_t>(index));
    return pathfinder::picture(host_, own, 2, recipe_);
  }

  void fill(attnlab_sample& out, const std::uint8_t* grey, int label) const {
    std::int64_t n = 0;
    for (std::int64_t i = 0; i < n_pixels(); ++i) {
      if (drop_black_ && grey[i] == 0) continue;
      out.tokens[n] = grey[i];
      out.positions[n] = static_cast<std::int32_t>(i);
      ++n;
    }
    if (n == 0) {  // an image that is black all over: one black token
      out.tokens[0] = 0;
      out.positions[0] = 0;
      n = 1;
    }
    out.n_tokens = n;
    out.target_ids[0] = label;
    out.group = -1;
  }

  // The first part of one seeded order is for validation, the next for training: the same split for
  // all trials.
  void divide(std::int64_t n_train, std::optional<std::int64_t> n_validation) {
    const std::int64_t n = release_->size();
    n_samples_[1] = n_validation.value_or(n / 10);
    n_samples_[0] = n_train == 0 ? n - n_samples_[1] : n_train;
    if (n_samples_[0] < 1 || n_samples_[0] + n_samples_[1] > n) {
      throw Failure(release_->folder.string() + " holds " + std::to_string(n) +
                    " images, but samples and validation_samples ask for " +
                    std::to_string(std::max<std::int64_t>(n_samples_[0], 1)) + " and " +
                    std::to_string(n_samples_[1]));
    }
    order_ = reading::in_seeded_order(n, 0, host_, order_seed, 3);

    const std::int64_t n_joined =
        std::accumulate(release_->labels.begin(), release_->labels.end(), std::int64_t{0});
    const auto n_black = std::count(release_->grey.begin(), release_->grey.end(), 0);
    report_ = "pathfinder: " + std::to_string(n) + " images of " + std::to_string(release_->rows) +
              " x " + std::to_string(release_->columns) + " pixels read from " +
              release_->folder.string() + " (" + std::to_string(release_->n_batches) +
              " batches); classes apart " + std::to_string(n - n_joined) + ", joined " +
              std::to_string(n_joined) + "; training " + std::to_string(n_samples_[0]) +
              ", validation " + std::to_string(n_samples_[1]) + "; black pixels " +
              percent(static_cast<double>(n_black) / static_cast<double>(release_->grey.size())) +
              (drop_black_ ? ", left out" : "") +
              "\nskipped: " + std::to_string(release_->empty.size()) + " image files of 0 bytes";
    for (std::int64_t i = 0; i < release_->empty.size() && i < 5; ++i) {
      report_ += (i == 0 ? ": " : ", ") + std::string(release_->empty[i]);
    }
    if (release_->n_unnamed > 0) {
      report_ += "; " + std::to_string(release_->n_unnamed) + " images that no metadata name";
    }
  }

  // Draws some images and tells of them.
  void survey() {
    std::int64_t n_joined = 0, n_restarts = 0, n_distractors = 0, n_lit = 0;
    std::array<double, 2> distance{};
    std::vector<std::pair<double, int>> by_distance;
    for (std::int64_t i = 0; i < n_surveyed; ++i) {
      const Picture it = draw(ATTNLAB_SPLIT_TRAIN, i);
      n_joined += it.label;
      n_restarts += it.n_restarts;
      n_distractors += it.n_distractors;
      n_lit += std::count_if(it.grey.begin(), it.grey.end(), [](int grey) { return grey != 0; });
      distance[static_cast<std::size_t>(it.label)] += it.marker_distance;
      by_distance.emplace_back(it.marker_distance, it.label);
    }
    constexpr auto n = static_cast<double>(n_surveyed);
    const auto mean = [](double sum, std::int64_t of) {
      return with_decimals(of == 0 ? 0 : sum / static_cast<double>(of), 1);
    };
    const auto count = [](std::int64_t of) {
      return of == 0 ? std::string("fresh draws") : std::to_string(of);
    };
    report_ = "pathfinder: drawn images of 32 x 32 pixels, contours of " +
              std::to_string(recipe_.contour_length) + " paddles, distractors of " +
              std::to_string(recipe_.distractor_length) + "; training " + count(n_samples_[0]) +
              ", validation " + std::to_string(n_samples_[1]) + "\nfirst " +
              std::to_string(n_surveyed) + " images: joined " + std::to_string(n_joined) +
              ", apart " + std::to_string(n_surveyed - n_joined) + "; distractors " +
              mean(static_cast<double>(n_distractors), n_surveyed) + " of " +
              std::to_string(recipe_.n_distractors) + "; restarts an image " +
              mean(static_cast<double>(n_restarts), n_surveyed) + "; black pixels " +
              percent(1 - static_cast<double>(n_lit) / n / (pathfinder::side * pathfinder::side)) +
              (drop_black_ ? ", left out" : "") + "; markers apart by " +
              mean(distance[1], n_joined) + " (joined) and " +
              mean(distance[0], n_surveyed - n_joined) +
              " pixels (apart): the best threshold on that is right for " +
              percent(best_threshold(std::move(by_distance)));
  }

  // Share of right answers of the best rule `joined if nearer (or farther) than x`.
  static double best_threshold(std::vector<std::pair<double, int>> by_distance) {
    std::sort(by_distance.begin(), by_distance.end());
    const auto n = static_cast<std::int64_t>(by_distance.size());
    std::int64_t right = 0;  // if all below are called joined, the others apart
    for (const auto& [distance, label] : by_distance) right += label == 0;
    std::int64_t best = std::max(right, n - right);
    for (std::size_t i = 0; i < by_distance.size(); ++i) {
      right += by_distance[i].second == 1 ? 1 : -1;
      if (i + 1 < by_distance.size() && by_distance[i + 1].first == by_distance[i].first) continue;
      best = std::max({best, right, n - right});
    }
    return static_cast<double>(best) / static_cast<double>(n);
  }

  static std::string percent(double share) { return with_decimals(100 * share, 1) + " %"; }

  attnlab::Host host_;
  std::uint64_t seed_;
  Recipe recipe_;
  bool drop_black_;
  std::array<std::int64_t, 2> n_samples_{};  // train, validation
  std::optional<Release> release_;
  std::vector<std::int64_t> order_;  // of the images read: validation, then training
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(
    Pathfinder, options,
    (attnlab::About{
        .name = "pathfinder",
        .summary = "Are two markers joined by a contour? Drawn images of 32 x 32 pixels, or those "
                   "of the Long Range Arena; a pixel is a token.",
        .formula = "id = grey value 0..255, 0 = masked; class 1 = joined, 0 = apart",
        .paper = "Linsley et al., NeurIPS 2018; Long Range Arena: Tay et al., ICLR 2021",
    }))

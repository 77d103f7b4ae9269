// image_classification.cpp: what does a small grey image show? Pixels as tokens, or patches as rows
// of numbers.
//
// Everything is read in the constructor: sources -> one seeded order -> limit -> validation share.
// The order has a seed of its own, so that trials of any seed share the data.
#include <attnlab/task.hpp>
#include <nlohmann/json.hpp>

#include "../reading/file.hpp"
#include "../reading/split.hpp"
#include "image_set.hpp"

namespace {

using attnlab::Failure;
using images::ImageSet;
using images::Sources;

constexpr std::array options{
    attnlab::option::path("path", nullptr,
                          "the images: a folder with IDX files (train-images-idx3-ubyte, ...), an "
                          "IDX file, a CSV file, or a folder of PNG files for each class"),
    attnlab::option::choice("format", "\"auto\"", "auto|idx|csv|folders",
                            "layout of the data; auto looks at names"),
    attnlab::option::choice("label_column", "\"auto\"", "auto|first|last",
                            "CSV: where the label stands"),
    attnlab::option::integer("patches", "0", 0, 4096, "pixels",
                             "0: a pixel is a token, its grey value 0..255 the id; p: a square of "
                             "p x p pixels is a row of numbers 0..1"),
    attnlab::option::value("validation", "0.2",
                           "share of the training images to hold back, `test` for the data's own "
                           "test part, or the path of another file or folder"),
    attnlab::option::integer("limit", "0", 0, 1e12, "1",
                             "use so many images of each source, in seeded order; 0: all"),
};

constexpr std::uint64_t order_seed = 19980501;  // not the trial's: all trials see one split

// One split: which images of a set, and their classes.
struct Part {
  const ImageSet* set = nullptr;
  std::vector<std::int64_t> order;
  std::vector<std::int32_t> classes;  // of the images in order

  std::int64_t size() const { return static_cast<std::int64_t>(order.size()); }
};

class ImageClassification {
 public:
  static constexpr std::uint32_t flags = ATTNLAB_TASK_SEEDLESS;

  ImageClassification(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t)
      : patch_(o.integer("patches")) {
    const auto held_out = nlohmann::json::parse(o.text("validation"));
    const bool is_share =
        held_out.is_number() && held_out.get<double>() >= 0 && held_out.get<double>() < 1;
    if (!is_share && !(held_out.is_string() && !held_out.get<std::string>().empty())) {
      throw Failure("validation is " + held_out.dump() +
                    ": give a share from 0 to below 1, `test`, or the path of another file or "
                    "folder");
    }
    sources_ = images::read_sources({reading::found(o.text("path")), o.text("format"),
                                     o.text("label_column"),
                                     is_share ? "" : held_out.get<std::string>(), host.folder()});
    classes_ = sources_.train.classes;
    if (classes_.size() < 2) {
      throw Failure(sources_.train.path + " has one class only ('" + classes_[0].substr(0, 40) +
                    "'); classification needs two");
    }
    check_patches();
    divide(o.integer("limit"), is_share ? held_out.get<double>() : 0, host);
    brightest_ = sources_.train.brightest;
    if (sources_.validation) brightest_ = std::max(brightest_, sources_.validation->brightest);
    write_report(is_share);
  }
  // The parts point into the sources.
  ImageClassification(const ImageClassification&) = delete;
  ImageClassification& operator=(const ImageClassification&) = delete;

  void shape(attnlab_task_shape& out) const {
    const std::int64_t n_pixels = sources_.train.rows * sources_.train.columns;
    out.input = patch_ == 0 ? ATTNLAB_INPUT_TOKENS : ATTNLAB_INPUT_DENSE;
    out.target = ATTNLAB_TARGET_CLASS;
    out.max_tokens = patch_ == 0 ? n_pixels : n_pixels / (patch_ * patch_);
    out.vocabulary = patch_ == 0 ? 256 : 0;
    out.input_dim = patch_ * patch_;
    out.outputs = static_cast<std::int64_t>(classes_.size());
    out.n_samples[ATTNLAB_SPLIT_TRAIN] = parts_[0].size();
    out.n_samples[ATTNLAB_SPLIT_VALIDATION] = parts_[1].size();
    out.report = report_.c_str();
  }

  void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const {
    if (split < 0 || split > 1 || index < 0 || index >= part(split).size()) {
      throw Failure("there is no such sample");
    }
    const auto place = static_cast<std::size_t>(index);
    const ImageSet& set = *part(split).set;
    const std::uint8_t* grey = set.grey.data() + part(split).order[place] * set.rows * set.columns;
    if (patch_ == 0) {
      std::copy_n(grey, set.rows * set.columns, out.tokens);
      out.n_tokens = set.rows * set.columns;
    } else {
      out.n_tokens = write_patches(set, grey, out.inputs);
    }
    out.target_ids[0] = part(split).classes[place];
    out.group = -1;
  }

 private:
  const Part& part(std::int32_t split) const { return parts_[static_cast<std::size_t>(split)]; }

  void check_patches() const {
    const ImageSet& set = sources_.train;
    if (patch_ > 0 && (set.rows % patch_ != 0 || set.columns % patch_ != 0)) {
      throw Failure("patches of " + std::to_string(patch_) + " x " + std::to_string(patch_) +
                    " pixels do not tile the images of " + set.path + ", which have " +
                    std::to_string(set.rows) + " x " + std::to_string(set.columns));
    }
  }

  // Patches in rows, the pixels of each in rows; white is 1.
  std::int64_t write_patches(const ImageSet& set, const std::uint8_t* grey, double* out) const {
    std::int64_t n = 0;
    for (std::int64_t y = 0; y < set.rows; y += patch_) {
      for (std::int64_t x = 0; x < set.columns; x += patch_, ++n) {
        for (std::int64_t i = 0; i < patch_; ++i) {
          for (std::int64_t j = 0; j < patch_; ++j) {
            *out++ = grey[(y + i) * set.columns + x + j] / static_cast<double>(brightest_);
          }
        }
      }
    }
    return n;
  }

  void divide(std::int64_t limit, double share, const attnlab::Host& host) {
    std::vector<std::int64_t> train =
        reading::in_seeded_order(sources_.train.size(), limit, host, order_seed, 0);
    std::vector<std::int64_t> validation;
    const ImageSet* from = &sources_.train;
    if (sources_.validation) {
      from = &*sources_.validation;
      validation = reading::in_seeded_order(from->size(), limit, host, order_seed, 1);
    } else {
      validation = reading::held_back(train, share, "images");
    }
    parts_[0] = part_of(sources_.train, std::move(train));
    parts_[1] = part_of(*from, std::move(validation));
  }

  Part part_of(const ImageSet& set, std::vector<std::int64_t> order) const {
    Part out{&set, std::move(order), {}};
    for (const std::int64_t i : out.order) {
      const std::string& label =
          set.classes[static_cast<std::size_t>(set.labels[static_cast<std::size_t>(i)])];
      const auto found = std::find(classes_.begin(), classes_.end(), label);
      if (found == classes_.end()) {
        throw Failure(set.path + " has the class '" + label.substr(0, 40) +
                      "', which the training images lack");
      }
      out.classes.push_back(static_cast<std::int32_t>(found - classes_.begin()));
    }
    return out;
  }

  void write_report(bool is_share) {
    const ImageSet& set = sources_.train;
    report_ = describe("training", parts_[0], set.path);
    if (parts_[1].size() > 0) {
      report_ += "\n" + describe("validation", parts_[1],
                                 is_share ? "held back" : sources_.validation->path);
    }
    report_ += "\npixels: " + std::to_string(set.rows) + " x " + std::to_string(set.columns) +
               ", largest value " + std::to_string(brightest_) +
               (patch_ == 0 ? "" : " (becomes 1)") + "\nskipped: ";
    const std::int64_t n_blank =
        set.n_blank + (sources_.validation ? sources_.validation->n_blank : 0);
    report_ += n_blank == 0 ? "nothing" : std::to_string(n_blank) + " blank lines";
  }

  std::string describe(const std::string& what, const Part& part, const std::string& from) const {
    std::vector<std::int64_t> counts(classes_.size(), 0);
    for (const std::int32_t c : part.classes) ++counts[static_cast<std::size_t>(c)];
    std::string out = what + ": " + std::to_string(part.size()) + " images (" + from + "); classes";
    for (std::size_t c = 0; c < classes_.size() && c < 20; ++c) {
      out += std::string(c == 0 ? " " : ", ") + classes_[c] + " " + std::to_string(counts[c]);
    }
    if (classes_.size() > 20) out += ", and " + std::to_string(classes_.size() - 20) + " more";
    return out;
  }

  std::int64_t patch_;
  Sources sources_;
  std::vector<std::string> classes_;
  std::array<Part, 2> parts_;  // train, validation
  int brightest_ = 255;
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(
    ImageClassification, options,
    (attnlab::About{
        .name = "image_classification",
        .summary = "Small grey images from IDX, CSV or PNG files, pixel by pixel or in patches; "
                   "the class is the target.",
        .formula = "id = grey value 0..255; patches: grey value / largest value",
        .paper = "MNIST: LeCun et al. 1998; Long Range Arena (Image): Tay et al., ICLR 2021",
    }))

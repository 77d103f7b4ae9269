// checkpoint_test.cpp: a trial that was interrupted and continued, wherever and however often, ends
// with the bits of one that was not.
#include "train/checkpoint.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.hpp"
#include "support/trial.hpp"

namespace attnlab {
namespace {

using testing::Diary;
using testing::trial_settings;

// Keeps a state in memory, as a file would.
class Drawer : public CheckpointPlace {
 public:
  std::optional<std::string> load() override { return kept; }
  void save(std::int64_t step, const std::string& bytes) override {
    kept = bytes;
    saved.push_back(step);
  }
  void continued(std::int64_t step) override { began.push_back(step); }
  void refused(const std::string& why) override { refusals.push_back(why); }

  std::optional<std::string> kept;
  std::vector<std::int64_t> saved, began;
  std::vector<std::string> refusals;
};

// Raises `stop` when it is shown step `at`; its diary goes into checkpoints as a number of pages.
class Stopper : public Diary {
 public:
  explicit Stopper(std::int64_t at) : at_(at) {}
  void at(StepView& view) override {
    Diary::at(view);
    if (view.step() == at_) stop = true;
  }
  std::string content(std::int64_t step) const override { return std::to_string(step); }
  bool restore(std::string_view content) override { return !content.empty(); }
  std::atomic<bool> stop{false};

 private:
  std::int64_t at_;
};

Ending run(const Settings& settings, Stopper& stopper, CheckpointPlace* place) {
  fix_arithmetic();
  return train(settings, testing::built_plugins(), ".", 1, stopper.stop, stopper, nullptr, place);
}

void expect_same_bits(const Diary::Page& a, const Diary::Page& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(std::memcmp(&a.time, &b.time, sizeof a.time), 0) << a.time << " " << b.time;
  EXPECT_EQ(a.loss, b.loss) << "step " << a.step;
  EXPECT_EQ(a.grad_norm, b.grad_norm) << "step " << a.step;
  EXPECT_EQ(a.parameters, b.parameters) << "step " << a.step;
}

// Interrupts at every step of `stops`, each time in a fresh trial; every page must be that of a
// trial that nobody interrupted.
void expect_same_after(const Settings& settings, const std::vector<std::int64_t>& stops) {
  Stopper whole(-1);
  ASSERT_EQ(run(settings, whole, nullptr).error, "");
  Drawer drawer;
  std::vector<Diary::Page> pages;
  std::int64_t from = 0;
  for (std::size_t i = 0; i <= stops.size(); ++i) {
    Stopper part(i < stops.size() ? stops[i] : -1);
    const Ending end = run(settings, part, &drawer);
    ASSERT_EQ(end.error, "");
    ASSERT_EQ(end.stopped, i < stops.size());
    ASSERT_EQ(part.pages.front().step, from) << "trained again what was kept";
    if (i < stops.size()) {
      ASSERT_EQ(drawer.saved.back(), stops[i]);
      part.pages.pop_back();  // the stopped step is recorded anew
      from = stops[i];
    }
    pages.insert(pages.end(), part.pages.begin(), part.pages.end());
  }
  EXPECT_EQ(drawer.refusals, std::vector<std::string>{});
  EXPECT_EQ(drawer.began, stops);
  ASSERT_EQ(pages.size(), whole.pages.size());
  for (std::size_t p = 0; p < pages.size(); ++p) expect_same_bits(pages[p], whole.pages[p]);
}

Settings optimizer(const char* text) {
  Settings patch = Settings::object();
  patch["training"]["steps"] = 20;
  patch["optimizer"] = Settings::parse(text);
  return trial_settings(patch);
}

TEST(Checkpoint, GradientDescentWithMomentum) {
  expect_same_after(optimizer(R"({"plugin": "gradient_descent", "momentum": 0.9, "nesterov": true,
                                  "weight_decay": 0.01})"),
                    {1, 7, 19, 20});
}

TEST(Checkpoint, Adam) {
  for (const char* precision : {"float32", "float64"}) {
    Settings settings = optimizer(R"({"plugin": "adam", "beta1": 0.9, "beta2": 0.999,
        "epsilon": 1e-8, "weight_decay": 0.0, "decoupled": false})");
    settings["training"]["precision"] = precision;
    expect_same_after(settings, {3, 4, 13});
  }
}

TEST(Checkpoint, OneCycleMiniBatchesOverEpochsAndDropout) {
  const Settings patch = Settings::parse(R"({
    "model": {"embedding": "learned", "dim": 8, "heads": 2, "key_dim": 4, "value_dim": 4, "layers": 2,
              "output_projection": true, "bias": true, "residual": true, "norm": "pre_layer",
              "dropout": 0.3, "feed_forward": {"hidden": 16, "activation": "gelu"}, "readout": "mean"},
    "optimizer": {"plugin": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                  "weight_decay": 0.01, "decoupled": true},
    "training": {"batch": 5, "steps": 20}})");
  Settings settings = trial_settings(patch);
  settings["optimizer"]["schedule"]["shape"] = "one_cycle";
  settings["optimizer"]["schedule"]["warm_up"] = 6;
  settings["optimizer"]["schedule"]["start_factor"] = 0.04;
  settings["optimizer"]["schedule"]["final_factor"] = 1e-4;
  expect_same_after(settings, {2, 3, 11, 18});  // three batches an epoch: inside, between
}

TEST(Checkpoint, IsKeptEveryFewSecondsToo) {
  Settings settings = trial_settings();
  settings["record"]["checkpoint"]["every_seconds"] = 1e-9;
  Drawer drawer;
  Stopper nobody(-1);
  ASSERT_EQ(run(settings, nobody, &drawer).error, "");
  ASSERT_EQ(drawer.saved.size(), 50u);  // after every update, not before the first
  EXPECT_EQ(drawer.saved.front(), 1);
  EXPECT_EQ(drawer.saved.back(), 50);
}

TEST(Checkpoint, KeepingItChangesNoBit) {
  Settings settings = optimizer(R"({"plugin": "gradient_descent", "momentum": 0.9,
                                    "nesterov": false, "weight_decay": 0.0})");
  Stopper alone(-1), kept(-1);
  ASSERT_EQ(run(settings, alone, nullptr).error, "");
  settings["record"]["checkpoint"]["every_seconds"] = 1e-9;
  Drawer drawer;
  ASSERT_EQ(run(settings, kept, &drawer).error, "");
  for (std::size_t p = 0; p < alone.pages.size(); ++p)
    expect_same_bits(kept.pages[p], alone.pages[p]);
}

TEST(Checkpoint, NothingIsKeptBeforeTheFirstUpdate) {
  Drawer drawer;
  Stopper stopper(0);
  EXPECT_TRUE(run(trial_settings(), stopper, &drawer).stopped);
  EXPECT_EQ(drawer.saved, std::vector<std::int64_t>{});
}

TEST(Checkpoint, BytesOfAnotherTrialAreRefusedAndItStartsOver) {
  Drawer drawer;
  Stopper stopper(5);
  ASSERT_TRUE(run(trial_settings(), stopper, &drawer).stopped);
  const std::string good = *drawer.kept;
  Settings wider = trial_settings();
  wider["model"]["key_dim"] = 5;
  for (const auto& [bytes, settings] : std::vector<std::pair<std::string, Settings>>{
           {good, wider},
           {good.substr(0, good.size() - 1), trial_settings()},
           {good + "x", trial_settings()},
           {"", trial_settings()}}) {
    Drawer other;
    other.kept = bytes;
    Stopper whole(-1), again(-1);
    ASSERT_EQ(run(settings, whole, nullptr).error, "");
    ASSERT_EQ(run(settings, again, &other).error, "");
    EXPECT_EQ(other.refusals.size(), 1u);
    ASSERT_EQ(again.pages.size(), whole.pages.size());
    expect_same_bits(again.pages.back(), whole.pages.back());
  }
}

TEST(Bytes, GiveBackEveryBitAndNothingThatIsNotThere) {
  const std::uint64_t strange = 0x7ff4'0000'dead'beef;  // a signalling NaN with a payload
  double nan = 0;
  std::memcpy(&nan, &strange, sizeof nan);
  const std::vector<double> numbers{nan, -0.0, 1e-320};
  ByteWriter out;
  out.numbers(std::span<const double>(numbers));
  out.text("");
  const std::string bytes = out.take();
  std::vector<double> back(3);
  ByteReader in(bytes);
  std::string_view text = "x";
  ASSERT_TRUE(in.numbers(std::span<double>(back)));
  EXPECT_EQ(std::memcmp(back.data(), numbers.data(), 24), 0);
  EXPECT_TRUE(in.text(text));
  EXPECT_EQ(text, "");
  EXPECT_TRUE(in.at_end());
  EXPECT_FALSE(in.text(text));
  std::vector<double> fewer(2);
  ByteReader once_more(bytes);
  EXPECT_FALSE(once_more.numbers(std::span<double>(fewer)));
  EXPECT_TRUE(once_more.numbers(std::span<double>(back)));  // nothing was read by the failure
  ByteReader cut(std::string_view(bytes).substr(0, 20));
  EXPECT_FALSE(cut.numbers(std::span<double>(back)));
}

}  // namespace
}  // namespace attnlab

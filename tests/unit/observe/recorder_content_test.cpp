// recorder_content_test.cpp: records that went through a checkpoint are those of a trial that
// nothing interrupted.
#include <cstring>
#include <map>

#include "observe/recorder.hpp"
#include "support/trial.hpp"

namespace attnlab {
namespace {

using testing::trial_settings;

class Drawer : public CheckpointPlace {
 public:
  std::optional<std::string> load() override { return kept; }
  void save(std::int64_t step, const std::string& bytes) override {
    kept = bytes;
    if (step == stop_at) stop = true;
  }
  void continued(std::int64_t) override { ++n_continued; }
  void refused(const std::string& why) override { ADD_FAILURE() << why; }

  std::optional<std::string> kept;
  std::int64_t stop_at = -1;
  int n_continued = 0;
  std::atomic<bool> stop{false};
};

Settings with_everything(const char* precision) {
  Settings settings = trial_settings(Settings::parse(R"({
    "task": {"plugin": "cooccurrence", "dim": 12, "sequence_length": 4, "samples": 12,
             "distinct_random_tokens": false, "validation_samples": 6},
    "training": {"steps": 12, "batch": 5},
    "record": {"metrics": {"every": 4}, "attention": {"steps": [0, 3, "last"], "samples": 5},
               "parameters": {"steps": [0, 7, "last"], "matrices": ["W_Q", "W_H2"]}, "data": true,
               "checkpoint": {"every_seconds": 1e-9}}})"));
  settings["training"]["precision"] = precision;
  return settings;
}

// Every array as its bytes.
std::map<std::string, std::string> bytes_of(const Records& records) {
  std::map<std::string, std::string> out;
  for (const Series& series : records.series) {
    std::visit(
        [&](const auto& v) {
          out[series.name].assign(reinterpret_cast<const char*>(v.data()), v.size() * sizeof v[0]);
        },
        series.values);
  }
  return out;
}

TEST(RecorderContent, SurvivesAnInterruptionAtEveryStep) {
  for (const char* precision : {"float32", "float64"}) {
    const Settings settings = with_everything(precision);
    Recorder recorder;
    const Ending end = testing::run(settings, recorder);
    const Records whole = recorder.take(end);
    for (std::int64_t at = 1; at <= 12; ++at) {
      Drawer drawer;
      drawer.stop_at = at;
      Recorder first, second;
      ASSERT_TRUE(
          train(settings, testing::built_plugins(), ".", 1, drawer.stop, first, nullptr, &drawer)
              .stopped);
      drawer.stop = false;
      drawer.stop_at = -1;
      const Ending ended =
          train(settings, testing::built_plugins(), ".", 1, drawer.stop, second, nullptr, &drawer);
      ASSERT_EQ(ended.error, "");
      EXPECT_EQ(drawer.n_continued, 1);
      const Records continued = second.take(ended);
      EXPECT_EQ(bytes_of(continued), bytes_of(whole)) << "interrupted at " << at;
      EXPECT_EQ(continued.final_loss, whole.final_loss);
      EXPECT_EQ(continued.final_accuracy, whole.final_accuracy);
      EXPECT_EQ(continued.steps, 12);
      EXPECT_EQ(continued.axes, whole.axes);
    }
  }
}

TEST(RecorderContent, OfOtherRecordsIsRefused) {
  Drawer drawer;
  drawer.stop_at = 5;
  Recorder first;
  const Settings settings = with_everything("float64");
  ASSERT_TRUE(
      train(settings, testing::built_plugins(), ".", 1, drawer.stop, first, nullptr, &drawer)
          .stopped);
  const std::string content = first.content(5);

  // begin, and then what a checkpoint brings.
  class Restored : public Recorder {
   public:
    explicit Restored(std::string content) : content_(std::move(content)) {}
    void begin(const TrialView& trial) override {
      Recorder::begin(trial);
      answer = restore(content_);
    }
    bool answer = false;

   private:
    std::string content_;
  };
  Settings fewer = settings;
  fewer["record"]["data"] = false;
  Settings narrow = settings;
  narrow["training"]["precision"] = "float32";
  const auto answer = [&](const Settings& of, const std::string& bytes) {
    Restored recorder(bytes);
    testing::run(of, recorder);
    return recorder.answer;
  };
  EXPECT_TRUE(answer(settings, content));
  EXPECT_FALSE(answer(fewer, content));
  EXPECT_FALSE(answer(narrow, content));
  EXPECT_FALSE(answer(settings, content.substr(0, content.size() / 2)));
  EXPECT_FALSE(answer(settings, content + "x"));
  EXPECT_FALSE(answer(settings, ""));
}

}  // namespace
}  // namespace attnlab

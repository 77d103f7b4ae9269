// task_pathfinder_test.cpp: drawn images have the statistics of the published recipe, hang on their
// number alone, and images that are read are those an independent reader sees.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "task_images_reader.hpp"
#include "task_text_files.hpp"

namespace attnlab {
namespace {

using border::Folder;
using border::Sample;
using border::Task;
using nlohmann::json;

double number_after(const std::string& text, const std::string& words) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(words + " ([0-9.]+)"))) return NAN;
  return std::stod(found[1]);
}

void says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

// Measured on a prototype with 60 images a level; the restarts of a level spread widely.
struct Level {
  int contour_length, n_distractors;
  double restarts_low, restarts_high, placed, lit;
};
constexpr Level levels[] = {
    {6, 10, 1.5, 6, 9.8, 0.168}, {9, 6, 5, 20, 5.4, 0.178}, {14, 5, 45, 180, 2.9, 0.204}};

TEST(Pathfinder, StatisticsAreThoseOfTheRecipe) {
  for (const Level& level : levels) {
    const Task task("pathfinder", {{"contour_length", level.contour_length}}, 5);
    ASSERT_TRUE(task.exists()) << task.sentence();
    double lit = 0;
    for (int i = 0; i < 200; ++i) {
      lit += static_cast<double>(task.sample(0, i).tokens.size()) / 1024 / 200;
    }
    EXPECT_NEAR(lit, level.lit, 0.01) << level.contour_length;
    const std::string report = task.report();
    EXPECT_GT(number_after(report, "restarts an image"), level.restarts_low) << report;
    EXPECT_LT(number_after(report, "restarts an image"), level.restarts_high) << report;
    EXPECT_NEAR(number_after(report, "distractors"), level.placed, 0.3) << report;
    says(report, {"of " + std::to_string(level.n_distractors) + ";"});
    EXPECT_NEAR(number_after(report, "markers apart by"), 13.5, 2.5) << report;
    EXPECT_LT(number_after(report, "is right for"), 70) << report;  // no easy way round the task
  }
}

TEST(Pathfinder, ClassesAreEquallyOften) {
  const Task task("pathfinder", {{"contour_length", 6}, {"samples", 4000}}, 2);
  int n = 0;
  for (int i = 0; i < 4000; ++i) n += task.sample(0, i).target_ids[0];
  EXPECT_NEAR(n, 2000, 3.3 * std::sqrt(1000.0));
}

TEST(Pathfinder, AnImageHangsOnSeedSplitAndNumberAlone) {
  const json easy{{"contour_length", 6}};
  json fewer = easy;
  fewer["samples"] = 20;
  const Task a("pathfinder", easy, 3), b("pathfinder", fewer, 3), other("pathfinder", easy, 4);
  std::vector<std::string> backwards(20);
  for (int i = 19; i >= 0; --i) backwards[static_cast<std::size_t>(i)] = line(b.sample(0, i));
  std::set<std::string> all;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(line(a.sample(0, i)), backwards[static_cast<std::size_t>(i)]);
    for (const std::string& text :
         {line(a.sample(0, i)), line(a.sample(1, i)), line(other.sample(0, i))}) {
      all.insert(text);
    }
  }
  EXPECT_EQ(all.size(), 60u);
}

TEST(Pathfinder, BlackPixelsAreLeftOutAndTheOthersKeepTheirPlaces) {
  const Task kept("pathfinder", {{"drop_black", false}}), dropped("pathfinder", json::object());
  EXPECT_EQ(kept.shape.max_tokens, 1024);
  EXPECT_EQ(dropped.shape.max_tokens, 1024);
  EXPECT_EQ(kept.shape.padded, 0);
  EXPECT_EQ(dropped.shape.padded, 1);
  EXPECT_EQ(kept.shape.vocabulary, 256);
  EXPECT_EQ(kept.shape.outputs, 2);
  for (int i = 0; i < 20; ++i) {
    const Sample whole = kept.sample(0, i), lit = dropped.sample(0, i);
    ASSERT_EQ(whole.tokens.size(), 1024u);
    EXPECT_EQ(*std::max_element(whole.tokens.begin(), whole.tokens.end()), 255);
    EXPECT_EQ(whole.target_ids[0], lit.target_ids[0]);
    std::vector<std::int32_t> again(1024, 0);
    for (std::size_t t = 0; t < lit.tokens.size(); ++t) {
      EXPECT_GT(lit.tokens[t], 0);
      again[static_cast<std::size_t>(lit.positions[t])] = lit.tokens[t];
    }
    EXPECT_EQ(again, whole.tokens);
  }
}

TEST(Pathfinder, EqualContrastBrightensTheLongContoursOnly) {
  const json whole{{"drop_black", false}};
  json equal = whole;
  equal["equal_contrast"] = true;
  const Task a("pathfinder", whole), b("pathfinder", equal);
  int n_brighter = 0;
  for (int i = 0; i < 10; ++i) {
    const Sample x = a.sample(0, i), y = b.sample(0, i);
    for (std::size_t t = 0; t < 1024; ++t) {
      EXPECT_GE(y.tokens[t], x.tokens[t]);
      n_brighter += y.tokens[t] > x.tokens[t];
    }
  }
  EXPECT_GT(n_brighter, 500);
  EXPECT_LT(n_brighter, 2000);
}

TEST(Pathfinder, ZeroSamplesAreFreshDrawsAndShortContoursHaveNoDistractors) {
  const Task task("pathfinder", {{"samples", 0}, {"contour_length", 4}});
  EXPECT_EQ(task.shape.n_samples[0], 0);
  EXPECT_EQ(task.shape.n_samples[1], 1000);
  EXPECT_NE(line(task.sample(0, 1'000'000'000'000)), line(task.sample(0, 1'000'000'000'001)));
  says(task.report(), {"distractors 0.0 of 0"});
}

class SharedPathfinder : public testing::Test {
 protected:
  void SetUp() override {
    if (!border::fs::exists(data)) GTEST_SKIP() << data << " is absent";
  }
  const std::string data = ATTNLAB_SOURCE_DIR "/../shared/data/pathfinder32_sample";
};

TEST_F(SharedPathfinder, TheReleasesFolders) {
  const Task hard("pathfinder",
                  {{"path", data + "/pathfinder32"}, {"drop_black", false}});  // length 14
  ASSERT_TRUE(hard.exists()) << hard.sentence();
  EXPECT_EQ(hard.shape.n_samples[0], 180);
  EXPECT_EQ(hard.shape.n_samples[1], 20);
  says(hard.report(), {"2 batches", "apart 97, joined 103", "skipped: 0"});
  EXPECT_EQ(lines(hard),
            border::reference("pathfinder " + data + "/pathfinder32/curv_contour_length_14"));
  const std::string easy = data + "/pathfinder32/curv_baseline";
  const Task direct("pathfinder", {{"path", easy}, {"samples", 10}, {"validation_samples", 5}});
  ASSERT_TRUE(direct.exists()) << direct.sentence();
  EXPECT_EQ(direct.shape.n_samples[0], 10);
  const Task named("pathfinder", {{"path", data + "/pathfinder32"}, {"contour_length", 6}});
  says(named.report(), {"apart 16, joined 24", "curv_baseline"});
}

TEST_F(SharedPathfinder, DamagedOrMissingFilesAreNamed) {
  const Folder folder;
  const auto from = data + "/pathfinder32/curv_baseline";
  border::fs::copy(from, folder.path() + "/easy", border::fs::copy_options::recursive);
  const std::string path = folder.path() + "/easy", image = "easy/imgs/0/sample_3.png";
  const auto sentence = [&](json more = json::object()) {
    more["path"] = path;
    const Task task("pathfinder", more);
    return task.exists() ? task.report() : task.sentence();
  };
  says(sentence(), {"40 images"});
  says(sentence({{"samples", 50}}), {"holds 40 images", "50", "4"});
  says(sentence({{"equal_contrast", true}}), {"equal_contrast"});

  folder.write(image, "");
  says(sentence(), {"39 images", "skipped: 1 image files of 0 bytes", "sample_3.png"});
  folder.write(image, "\x89PNG");
  says(sentence(), {"sample_3.png", "no PNG"});
  border::fs::remove(folder.path() + "/" + image);
  says(sentence(), {"sample_3.png", "cannot be opened"});

  folder.write("easy/metadata/0.npy", "imgs/0 sample_0.png 0 1 1.0\nimgs/0 sample_1.png 1 0 1.0\n");
  says(sentence({{"samples", 1}, {"validation_samples", 1}}),
       {"2 images", "37 images that no metadata name"});
  folder.write("easy/metadata/0.npy", "imgs/0 sample_0.png 0 1 1.0\nimgs/0 sample_0.png 0 1 1.0\n");
  says(sentence(), {"metadata names imgs/0/sample_0.png twice"});
  folder.write("easy/metadata/0.npy", "imgs/0 sample_0.png 0 1 1.0\nimgs/0 sample_1.png\n");
  says(sentence(), {"0.npy:2", "2 fields"});
  folder.write("easy/metadata/0.npy", "imgs/0 sample_0.png 0 2 1.0\n");
  says(sentence(), {"0.npy:1", "'2'", "label 0 or 1"});
  folder.write("easy/metadata/0.npy", std::string("\x93NUMPY\x01\x00\x40\x00{'descr'", 18));
  says(sentence(), {"0.npy", "NumPy", "header"});
  folder.write("easy/metadata/0.txt", "imgs/0 sample_0.png 0 1\n");
  says(sentence(), {"both", "0.npy", "0.txt"});
  border::fs::remove_all(path + "/metadata");
  says(sentence(), {"metadata/", "curv_contour_length_14", "lra_release.gz"});
  border::fs::remove_all(path);
  says(sentence(), {"does not exist", "lra_release.gz"});
}

TEST_F(SharedPathfinder, RealNumpyMetadata) {
  const Folder folder;
  const auto from = data + "/pathfinder32/curv_baseline";
  border::fs::copy(from, folder.path() + "/a", border::fs::copy_options::recursive);
  const std::string path = folder.path() + "/a";
  const Task text("pathfinder", {{"path", path}});
  const std::string convert =
      "/usr/bin/python3 -c \"import numpy as np; f='" + path +
      "/metadata/0.npy'; a=np.array([l.split() for l in open(f)], dtype='<U32'); np.save(f, a)\"";
  ASSERT_EQ(std::system(convert.c_str()), 0);
  const Task numpy("pathfinder", {{"path", path}});
  ASSERT_TRUE(numpy.exists()) << numpy.sentence();
  EXPECT_EQ(lines(numpy), lines(text));
  const Task masks("pathfinder", {{"path", data + "/pathfinder32_seg"}});
  EXPECT_FALSE(masks.exists());
  says(masks.sentence(), {"segmentation", "no label"});
}

}  // namespace
}  // namespace attnlab

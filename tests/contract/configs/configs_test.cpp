// configs_test.cpp: the grid files that come with the program are right, and their data are there.
#include <gtest/gtest.h>

#include <fstream>

#include "host/plugins.hpp"
#include "plan/plan.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> grid_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(ATTNLAB_SOURCE_DIR "/configs")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

std::string sentences(const Errors& errors) {
  std::string out;
  for (const Error& error : errors) out += sentence(error) + "\n";
  return out;
}

// The claims that a file names, so that this test needs no room that knows them.
std::vector<std::string> named_claims(const fs::path& file) {
  std::ifstream in(file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  std::vector<std::string> out;
  const auto begin = text.find("\nclaims:");
  for (std::size_t i = begin == std::string::npos ? text.size() : begin + 8; i < text.size();) {
    const std::size_t from = text.find_first_not_of("[], \n-", i);
    if (from == std::string::npos) break;
    i = text.find_first_of("[], \n", from);
    out.push_back(text.substr(from, i - from));
  }
  return out;
}

TEST(Configs, EveryGridFileIsRightAndSaysWhatToExpect) {
  const auto plugins = Plugins::scan({ATTNLAB_BINARY_DIR "/lib/attnlab/plugins"});
  ASSERT_TRUE(plugins) << sentences(plugins.errors());
  const std::vector<fs::path> files = grid_files();
  EXPECT_GE(files.size(), 2u);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.filename());
    std::ifstream in(file);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    EXPECT_TRUE(text.starts_with("# "));
    EXPECT_NE(text.find("\n# Expect: "), std::string::npos);
    EXPECT_NE(text.find("\n# Time: "), std::string::npos);

    auto grid = read_grid(file, {}, plugins->catalogue(), named_claims(file));
    ASSERT_TRUE(grid) << sentences(grid.errors());
    EXPECT_EQ(grid->name, file.stem().string());
    const fs::path folder = grid->folder;
    const auto plan = Plan::make(std::move(*grid), plugins->catalogue());
    ASSERT_TRUE(plan) << sentences(plan.errors());
    const auto task = Task::create(*plugins, plan->settings(0)["task"], 1, folder);
    ASSERT_TRUE(task) << sentences(task.errors());
    RecordProperty(file.stem().string(), task->shape().report);
  }
}

}  // namespace
}  // namespace attnlab

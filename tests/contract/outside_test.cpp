// outside_test.cpp: a project of its own finds the installed headers, builds plugins, and the host
// takes them.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "contract/optimizer_drive.hpp"

namespace attnlab::contract {
namespace {
namespace fs = std::filesystem;

class Outside : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "attnlab-outside-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder); }

  // Runs a command and shows what it said if it fails.
  bool runs(const std::string& command) const {
    const fs::path log = folder / "log";
    if (std::system((command + " >" + log.string() + " 2>&1").c_str()) == 0) return true;
    std::ifstream said(log);
    ADD_FAILURE() << command << "\n" << std::string(std::istreambuf_iterator<char>(said), {});
    return false;
  }
  fs::path folder;
};

TEST_F(Outside, AProjectBuildsItsPluginsAgainstTheInstalledPackage) {
  const std::string cmake = ATTNLAB_CMAKE, prefix = (folder / "prefix").string();
  const std::string build = (folder / "build").string();
  const std::string tests = ATTNLAB_SOURCE_DIR "/tests/contract/";
  ASSERT_TRUE(runs(cmake + " --install " ATTNLAB_BINARY_DIR " --component sdk --prefix " + prefix));
  EXPECT_TRUE(fs::exists(prefix + "/include/attnlab/plugin.h"));
  EXPECT_TRUE(fs::exists(prefix + "/include/attnlab/optimizer.hpp"));
  ASSERT_TRUE(runs(cmake + " -S " + tests + "outside/project -B " + build +
                   " -DCMAKE_PREFIX_PATH=" + prefix + " -DUNIFORM_SOURCE=" + tests +
                   "frozen/uniform.c"));
  ASSERT_TRUE(runs(cmake + " --build " + build));

  const auto plugins = Plugins::scan({build});
  ASSERT_TRUE(plugins) << sentence(plugins.errors()[0]);
  for (const Error& refused : plugins->refused()) ADD_FAILURE() << sentence(refused);
  EXPECT_NE(plugins->entry(PluginKind::kernel, "uniform"), nullptr);
  ASSERT_NE(plugins->entry(PluginKind::optimizer, "half_rate"), nullptr);

  Drive<double> drive(*plugins, {{"plugin", "half_rate"}, {"share", 0.25}});
  for (std::int64_t i = 0; i < n_numbers; ++i) drive.g()[i] = 2;
  ASSERT_TRUE(drive.step());
  EXPECT_DOUBLE_EQ(drive.p()[0], 1 - 0.25 * 0.05 * 2);

  ASSERT_TRUE(runs(cmake + " --install " + build + " --prefix " + prefix));
  EXPECT_TRUE(fs::exists(prefix + "/lib/attnlab/plugins/optimizer/half_rate.so"));
}

}  // namespace
}  // namespace attnlab::contract

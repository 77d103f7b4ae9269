// search_test.cpp: where plugins are looked for, and where not.
#include "host/search.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "host/plugins.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;
using Folders = std::vector<fs::path>;

class PluginFolders : public testing::Test {
 protected:
  void SetUp() override { unsetenv("ATTNLAB_PLUGIN_PATH"); }
  void TearDown() override { unsetenv("ATTNLAB_PLUGIN_PATH"); }
};

TEST_F(PluginFolders, AreTheGivenThenThoseOfThePathThenTheInstalled) {
  setenv("ATTNLAB_PLUGIN_PATH", "/usr:/bin", 1);
  EXPECT_EQ(plugin_folders({"given", "too"}, "/etc"),
            (Folders{"given", "too", "/usr", "/bin", "/etc"}));
}

TEST_F(PluginFolders, LeaveOutEmptyEntriesAndFoldersOfThePathThatAreNotThere) {
  setenv("ATTNLAB_PLUGIN_PATH", ":/usr::/no/such/folder:", 1);
  EXPECT_EQ(plugin_folders({""}, "/no/such/installation"), (Folders{"/usr"}));
}

TEST_F(PluginFolders, NeverHoldTheCurrentFolderUnasked) {
  EXPECT_EQ(plugin_folders({}, {}), Folders{});
  setenv("ATTNLAB_PLUGIN_PATH", "", 1);
  EXPECT_EQ(plugin_folders({}, {}), Folders{});
}

TEST(Search, NamesEveryFolderThatIsMissing) {
  const auto found = search({"/no/such/one", "/usr", "/no/such/two"});
  ASSERT_FALSE(found);
  ASSERT_EQ(found.errors().size(), 2u);
  EXPECT_EQ(found.errors()[0].where, "/no/such/one");
  EXPECT_EQ(found.errors()[1].where, "/no/such/two");
}

}  // namespace
}  // namespace attnlab

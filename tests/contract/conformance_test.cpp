// conformance_test.cpp: `plugins --check` passes every plugin of ours that needs no file, and finds
// what is broken.
#include "host/conformance.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {
namespace fs = std::filesystem;

const fs::path contract = fs::path(ATTNLAB_BINARY_DIR) / "tests/contract";

std::string text_of(const fs::path& file) {
  const auto checked = check_conformance(file);
  return checked ? to_text(*checked) : sentence(checked.errors()[0]);
}

TEST(Conformance, IsGrantedToEveryBuiltPluginWhoseOptionsHaveDefaults) {
  const auto plugins = Plugins::scan({fs::path(ATTNLAB_BINARY_DIR) / "lib/attnlab/plugins"});
  ASSERT_TRUE(plugins);
  int n_checked = 0;
  for (const PluginDescription& plugin : plugins->catalogue()) {
    if (plugin.kind == PluginKind::task) continue;  // many need a data set
    const auto checked = check_conformance(plugin.file);
    ASSERT_TRUE(checked) << sentence(checked.errors()[0]);
    EXPECT_TRUE(checked->broken.empty()) << plugin.name << "\n" << to_text(*checked);
    EXPECT_GE(checked->kept.size(), 5u) << plugin.name;
    ++n_checked;
  }
  EXPECT_GE(n_checked, 4);
}

TEST(Conformance, IsGrantedToThePluginsInC) {
  for (const char* file : {"kernel/uniform.so", "task/alternating.so", "optimizer/halving.so"}) {
    const std::string text = text_of(contract / "frozen" / file);
    EXPECT_EQ(text.find("BROKEN"), std::string::npos) << text;
    EXPECT_NE(text.find("ok      "), std::string::npos) << text;
  }
}

TEST(Conformance, OfAPluginThatWantsAFileIsItsDescription) {
  const auto checked =
      check_conformance(fs::path(ATTNLAB_BINARY_DIR) / "lib/attnlab/plugins/task/text_corpus.so");
  ASSERT_TRUE(checked) << sentence(checked.errors()[0]);
  EXPECT_TRUE(checked->broken.empty()) << to_text(*checked);
  EXPECT_NE(to_text(*checked).find("untried the rest: it wants a file as 'path'"),
            std::string::npos)
      << to_text(*checked);
}

TEST(Conformance, FindsWhatIsBroken) {
  for (const auto& [name, says] : {std::pair{"wrong_gradient", "gradients are off by"},
                                   std::pair{"writes_outside", "outside of its buffers"},
                                   std::pair{"crashes_when_used", "crashed with SIGSEGV"},
                                   std::pair{"fails_silently", "create failed"},
                                   std::pair{"missing_slots", "misses the slots"}}) {
    const std::string text = text_of(contract / "bad" / name / (std::string(name) + ".so"));
    EXPECT_NE(text.find(says), std::string::npos) << name << "\n" << text;
  }
}

// Off by less than float32 shows in its last digits: the sums are judged in float64.
TEST(Conformance, RefusesRowsThatSumToOneAndATenMillionth) {
  const auto checked = check_conformance(contract / "bad/rows_off/rows_off.so");
  ASSERT_TRUE(checked) << sentence(checked.errors()[0]);
  ASSERT_EQ(checked->broken.size(), 1u) << to_text(*checked);
  EXPECT_NE(to_text(*checked).find("the weights of a query do not sum to one"), std::string::npos)
      << to_text(*checked);
}

TEST(Conformance, NeedsAFile) {
  EXPECT_EQ(text_of("/no/such.so"),
            "/no/such.so: there is no such file; give the .so file of one plugin");
}

}  // namespace
}  // namespace attnlab

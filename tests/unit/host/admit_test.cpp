// admit_test.cpp: descriptions that break the rules of the border are refused before anything
// relies on them.
#include "host/admit.hpp"

#include <attnlab/kernel.h>
#include <attnlab/optimizer.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace attnlab {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

attnlab_option real(const char* name, const char* fallback) {
  return {sizeof(attnlab_option), ATTNLAB_REAL, name, fallback, 0, 1, nullptr, "1", "a number"};
}

// A valid optimizer, for tests to spoil.
struct Described {
  std::vector<attnlab_option> options{real("beta", "0.5"), real("gamma", "1")};
  attnlab_optimizer table{};
  attnlab_plugin plugin{};

  explicit Described(const char* name = "good") {
    table.struct_size = sizeof table;
    table.default_learning_rate = 0.1;
    table.create = [](auto...) { return attnlab_status{ATTNLAB_FAILED}; };
    table.destroy = [](auto...) {};
    table.n_state_bytes = [](auto...) { return std::int64_t{0}; };
    table.step_f32 = [](auto...) { return attnlab_status{ATTNLAB_FAILED}; };
    table.step_f64 = [](auto...) { return attnlab_status{ATTNLAB_FAILED}; };
    plugin = {ATTNLAB_ABI_MAGIC,
              ATTNLAB_ABI_MAJOR,
              ATTNLAB_ABI_MINOR,
              sizeof plugin,
              ATTNLAB_OPTIMIZER,
              0,
              name,
              "1",
              "does nothing",
              "",
              "",
              "",
              nullptr,
              0,
              nullptr};
  }
  Result<PluginDescription> admitted() {
    plugin.options = options.data();
    plugin.n_options = static_cast<std::int64_t>(options.size());
    if (plugin.table == nullptr) plugin.table = &table;
    return admit(&plugin, "dir/good.so", {});
  }
  std::string refusal() {
    const auto result = admitted();
    return result ? "" : sentence(result.errors()[0]);
  }
};

void expect_refused(Described& described, const std::string& because) {
  const std::string said = described.refusal();
  EXPECT_NE(said.find(because), std::string::npos) << "'" << said << "' lacks '" << because << "'";
  EXPECT_TRUE(said.starts_with("dir/good.so: refused")) << said;
}

TEST(Admit, TakesAGoodDescription) {
  Described good;
  const auto plugin = good.admitted();
  ASSERT_TRUE(plugin) << sentence(plugin.errors()[0]);
  EXPECT_EQ(plugin->kind, PluginKind::optimizer);
  EXPECT_EQ(plugin->options[1].fallback->dump(), "1.0");
  EXPECT_EQ(plugin->default_learning_rate, 0.1);
}

TEST(Admit, RefusesBadOptions) {
  const std::pair<attnlab_option, const char*> cases[] = {
      {real("beta", "0.1"), "option 3 'beta' is described twice"},
      {real("Beta", "0.1"), "needs a name of a-z"},
      {real(nullptr, "0.1"), "option 3 needs a name"},
      {real("plugin", "0.1"), "keeps for itself"},
      {real("schedule", "0.1"), "keeps for itself"},
      {real("rho", "0.1 2"), "no JSON: 0.1 2"},
      {real("rho", "7"), "must be at most 1.0, not 7.0"},
      {real("rho", "\"a\""), "must be a number"},
      {{sizeof(attnlab_option), 12, "rho", "1", 0, 1, nullptr, "1", ""}, "unknown type 12"},
      {{sizeof(attnlab_option), ATTNLAB_REAL, "rho", "1", 2, 1, nullptr, "1", ""}, "empty range"},
      {{sizeof(attnlab_option), ATTNLAB_CHOICE, "rho", "1", -infinity, infinity, "", "1", ""},
       "choice without choices"},
      {{sizeof(attnlab_option), ATTNLAB_CHOICE, "rho", "\"c\"", 0, 0, "a|b", "1", ""},
       "one of a, b"},
  };
  for (const auto& [option, because] : cases) {
    Described bad;
    bad.options.push_back(option);
    expect_refused(bad, because);
  }
}

TEST(Admit, RefusesADefaultNestedSoDeepThatCopyingItWouldEndTheProgram) {
  const std::string nested = std::string(500'000, '[') + std::string(500'000, ']');
  const std::string quoted = "\"" + std::string(500, '[') + "\\\"[\"";
  Described bad;
  bad.options.push_back(
      {sizeof(attnlab_option), ATTNLAB_VALUE, "rho", nested.c_str(), 0, 1, nullptr, "1", ""});
  expect_refused(bad, "option 3 'rho' has a default that is nested too deep");
  Described good;
  good.options.push_back(
      {sizeof(attnlab_option), ATTNLAB_VALUE, "rho", quoted.c_str(), 0, 1, nullptr, "1", ""});
  EXPECT_EQ(good.refusal(), "");
}

TEST(Admit, RefusesStructsThatAreTooSmall) {
  Described plugin;
  plugin.plugin.struct_size = 16;
  expect_refused(plugin, "a description of 16 bytes");
  Described table;
  table.table.struct_size = 24;
  expect_refused(table, "a table of 24 bytes");
  Described option;
  option.options[0].struct_size = 8;
  expect_refused(option, "options of 8 bytes");
}

// A later minor version appends fields; the stride of its options is larger than ours.
TEST(Admit, WalksOptionsByTheirOwnSize) {
  struct Longer {
    attnlab_option option;
    double added;
  };
  Longer options[2] = {{real("beta", "0.5"), 1}, {real("gamma", "0.25"), 2}};
  for (Longer& one : options) one.option.struct_size = sizeof(Longer);
  Described described;
  described.plugin.table = &described.table;
  described.plugin.options = &options[0].option;
  described.plugin.n_options = 2;
  const auto plugin = admit(&described.plugin, "good.so", {});
  ASSERT_TRUE(plugin);
  EXPECT_EQ(plugin->options[1].name, "gamma");
  EXPECT_EQ(plugin->options[1].fallback->get<double>(), 0.25);
}

TEST(Admit, NamesEveryMissingSlot) {
  Described bad;
  bad.table.destroy = nullptr;
  bad.table.step_f32 = nullptr;
  expect_refused(bad, "misses the slots: destroy, step_f32");
}

TEST(Admit, RefusesALearningRateThatIsNone) {
  Described bad;
  bad.table.default_learning_rate = -1;
  expect_refused(bad, "learning rate");
}

TEST(CleanText, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(clean_text("κ(q, k) = exp(−‖q−k‖²) 𝛼"), "κ(q, k) = exp(−‖q−k‖²) 𝛼");
  EXPECT_EQ(clean_text("a\xff\x62"), "a?b");
  EXPECT_EQ(clean_text("\xe2\x82"), "??");       // cut off
  EXPECT_EQ(clean_text("\xc0\xaf"), "??");       // a longer spelling than needed
  EXPECT_EQ(clean_text("\xed\xa0\x80"), "???");  // half of a pair
  EXPECT_EQ(clean_text(nullptr), "");
}

}  // namespace
}  // namespace attnlab

// settings_test.cpp: one spelling a tree, and YAML that every reader takes for the same values.
#include "base/settings.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {

TEST(Settings, EqualTreesHaveEqualTextWhateverTheOrderOfTheirKeys) {
  const Settings a = Settings::parse(R"({"x": 1, "y": {"b": 2.5, "a": [1, 2]}})");
  const Settings b = Settings::parse(R"({"y": {"a": [1, 2], "b": 2.5}, "x": 1})");
  EXPECT_EQ(canonical(a), canonical(b));
  EXPECT_EQ(id_of(a), id_of(b));
  EXPECT_EQ(to_string(id_of(a)).size(), 16u);
}

TEST(Settings, AnExponentHasAPointSoThatYaml11ReadsANumber) {
  EXPECT_EQ(to_yaml(Settings::parse(R"({"rate": 1e-05, "list": [1e-08, 3], "name": "1e-05"})")),
            "list: [1.0e-08, 3]\nname: \"1e-05\"\nrate: 1.0e-05\n");
}

TEST(Settings, AMapInsideAMapIsABlockAndAnEmptyOneIsFlow) {
  EXPECT_EQ(to_yaml(Settings::parse(R"({"a": {"b": {}, "c": null}})")), "a:\n  b: {}\n  c: null\n");
}

TEST(Settings, APathFindsANodeOrNothing) {
  const Settings tree = Settings::parse(R"({"model": {"dim": 64}})");
  EXPECT_EQ(*find(tree, "model.dim"), 64);
  EXPECT_EQ(find(tree, "model.heads"), nullptr);
  EXPECT_EQ(find(tree, "model.dim.x"), nullptr);
}

}  // namespace
}  // namespace attnlab

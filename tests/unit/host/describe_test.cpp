// describe_test.cpp: what people read about plugins.
#include "host/describe.hpp"

#include <gtest/gtest.h>

namespace attnlab {
namespace {

Catalogue some() {
  PluginDescription kernel;
  kernel.kind = PluginKind::kernel;
  kernel.name = "cosine";
  kernel.version = "1.0";
  kernel.summary = "angles";
  kernel.formula = "κ = exp(cos)";
  kernel.paper = "Somebody 2020";
  kernel.row_stochastic = true;
  kernel.file = "/p/cosine.so";
  Option sharpness;
  sharpness.name = "sharpness";
  sharpness.type = OptionType::real;
  sharpness.fallback = Settings(10.0);
  sharpness.minimum = 0;
  sharpness.unit = "1/rad";
  sharpness.sentence = "how sharp";
  kernel.options = {sharpness};
  PluginDescription optimizer;
  optimizer.kind = PluginKind::optimizer;
  optimizer.name = "cosine";
  optimizer.version = "2.0";
  optimizer.summary = "steps in circles";
  optimizer.default_learning_rate = 0.25;
  return {kernel, optimizer};
}

TEST(PluginTable, HasALineForEach) {
  EXPECT_EQ(plugin_table(some()),
            "kind       name    version  summary           file\n"
            "kernel     cosine  1.0      angles            /p/cosine.so\n"
            "optimizer  cosine  2.0      steps in circles\n");
}

TEST(PluginPage, ShowsAllKindsOfTheNameWithTheirOptions) {
  const auto page = plugin_page(some(), "cosine");
  ASSERT_TRUE(page);
  for (const char* part :
       {"angles", "κ = exp(cos)", "Somebody 2020", "row-stochastic", "sharpness", "real", "10.0",
        ">= 0", "1/rad", "how sharp", "temperature", "sqrt(key_dim)", "steps in circles",
        "learning_rate", "0.25", "schedule", "clip", "/p/cosine.so"}) {
    EXPECT_NE(page->find(part), std::string::npos) << part << " is missing in\n" << *page;
  }
}

TEST(PluginPage, SuggestsTheNearestName) {
  const auto page = plugin_page(some(), "cosin");
  ASSERT_FALSE(page);
  EXPECT_EQ(sentence(page.errors()[0]), "no plugin is called 'cosin'; did you mean 'cosine'?");
}

}  // namespace
}  // namespace attnlab

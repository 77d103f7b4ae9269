// dropout_test.cpp: which attention weights survive: the right share of them, and nothing but
// (seed, step, layer, head, sample, query, key) decides.
#include "model/dropout.hpp"

#include <cmath>
#include <set>

#include "unit/model/models.hpp"

namespace attnlab {
namespace {

using Bits = std::vector<std::uint8_t>;

Bits kept(const Dropout& dropout, Index site, std::uint64_t sample, Index query, Index n) {
  Bits bits(static_cast<std::size_t>(n), 7);
  keep_row(dropout, site_seed(dropout, site), sample, query, n, bits.data());
  return bits;
}

double share_of(const Bits& bits) {
  double sum = 0;
  for (const auto b : bits) sum += b;
  return sum / static_cast<double>(bits.size());
}

TEST(KeepRow, KeepsTheShareThatIsNotDropped) {
  for (const double share : {0.1, 0.5, 0.9}) {
    const Dropout dropout{3, 5, share};
    double kept_in_all = 0, n = 0;
    for (Index query = 0; query < 200; ++query) {
      const Bits bits = kept(dropout, attention_site(1, 2, 1), 4, query, 1000);
      for (const auto b : bits) EXPECT_LE(b, 1);
      kept_in_all += share_of(bits) * 1000;
      n += 1000;
    }
    const double deviation = std::sqrt(share * (1 - share) / n);
    EXPECT_NEAR(kept_in_all / n, 1 - share, 5 * deviation + 1.0 / 65536);
    EXPECT_NEAR(kept_in_all / n * enlargement(dropout), 1.0, 6 * deviation / (1 - share));
  }
}

TEST(KeepRow, ABitDoesNotHangOnTheNumberOfKeys) {
  const Dropout dropout{3, 5, 0.3};
  const Bits many = kept(dropout, attention_site(0, 1, 0), 9, 17, 1500);
  for (const Index n : {1, 3, 4, 63, 64, 255, 256, 257, 1023})
    EXPECT_EQ(kept(dropout, attention_site(0, 1, 0), 9, 17, n),
              Bits(many.begin(), many.begin() + n));
}

TEST(KeepRow, StepLayerHeadSampleAndQueryEachDrawAnew) {
  const Dropout dropout{3, 5, 0.5}, other_step{3, 6, 0.5}, other_seed{4, 5, 0.5};
  const Index n = 4000;
  const std::vector<Bits> rows = {kept(dropout, attention_site(0, 2, 0), 1, 2, n),
                                  kept(other_step, attention_site(0, 2, 0), 1, 2, n),
                                  kept(other_seed, attention_site(0, 2, 0), 1, 2, n),
                                  kept(dropout, attention_site(1, 2, 0), 1, 2, n),
                                  kept(dropout, attention_site(0, 2, 1), 1, 2, n),
                                  kept(dropout, attention_site(0, 2, 0), 3, 2, n),
                                  kept(dropout, attention_site(0, 2, 0), 1, 4, n)};
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      double same = 0;
      for (std::size_t j = 0; j < rows[a].size(); ++j) same += rows[a][j] == rows[b][j] ? 1 : 0;
      EXPECT_NEAR(same / static_cast<double>(n), 0.5, 5 * 0.5 / std::sqrt(n)) << a << " " << b;
    }
  }
}

TEST(AttentionDropout, IsAnotherMaskAStepAndNoneWithoutTraining) {
  const auto model = [](const std::string& attention) {
    return Case{"one",
                settings(R"({"dim": 6, "heads": 2, "attention": {)" + attention +
                             R"(}, "head": {"classes": "from_task"}})",
                         "cross_entropy"),
                token_task(TargetKind::klass, 3)};
  };
  auto made = make<double>(model(R"("dropout": 0.5)")), plain = make<double>(model(""));
  const auto loss = [&](bool training, Index step) {
    return made.model
        .pass(made.batch(), made.parameters.data(), {}, 1, training, step, *made.space)
        ->loss;
  };
  EXPECT_EQ(loss(false, 3), loss_at(plain, false));
  EXPECT_NE(loss(true, 3), loss(false, 3));
  EXPECT_NE(loss(true, 3), loss(true, 4));
  EXPECT_EQ(loss(true, 3), loss(true, 3));
}

// The mean over many masks of outputs that are linear in the weights is what no dropout answers.
TEST(AttentionDropout, LeavesTheMeanOfTheOutputsAsItIs) {
  for (const char* kernel : {"softmax", "gaussian", "sparsemax", "linear"}) {
    const Case c{
        "mean",
        settings(
            std::string(
                R"({"heads": 2, "bias": false, "readout": "tokens", "attention": {"dropout": 0.3, "kernel": {"plugin": ")") +
                kernel + R"("}}})",
            "squared"),
        dense_task(2, true)};
    auto made = make<double>(c);
    loss_at(made, false);
    const auto outputs = made.model.outputs(*made.space);
    const std::vector<double> wanted(outputs.begin(), outputs.end());
    std::vector<double> sum(wanted.size(), 0), squares(wanted.size(), 0);
    const Index n = 4000;
    for (Index step = 0; step < n; ++step) {
      ASSERT_TRUE(
          made.model.pass(made.batch(), made.parameters.data(), {}, 1, true, step, *made.space));
      const auto got = made.model.outputs(*made.space);
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += got[i] - wanted[i];
        squares[i] += (got[i] - wanted[i]) * (got[i] - wanted[i]);
      }
    }
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const double deviation = std::sqrt(squares[i]) / static_cast<double>(n);
      EXPECT_GT(deviation, 0) << kernel << " " << i;
      EXPECT_LT(std::abs(sum[i] / static_cast<double>(n)), 5 * deviation + 1e-5)
          << kernel << " " << i;
    }
  }
}

}  // namespace
}  // namespace attnlab

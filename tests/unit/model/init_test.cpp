// init_test.cpp: the first values of the matrices.
#include <cmath>

#include "unit/model/models.hpp"

namespace attnlab {
namespace {

struct Started {
  ParameterLayout layout;
  std::vector<double> values;
  Errors errors;
  std::vector<double> of(const std::string& name) const {
    const auto* b = layout.find(name);
    return {values.begin() + b->offset, values.begin() + b->offset + b->size()};
  }
};

Started start(const std::string& more,
              const std::string& base = R"("dim": 32, "heads": 2, "layers": 2,
    "norm": "pre_layer", "positions": "learned", "head": {"classes": "from_task"})",
              int seed = 11) {
  Settings trial = settings("{" + base + (more.empty() ? "" : ", " + more) + "}", "logistic");
  trial["seed"] = seed;
  const auto shape = model_shape(trial, token_task());
  EXPECT_TRUE(shape) << (shape ? "" : sentence(shape.errors()[0]));
  const auto layout = parameter_layout(*shape, trial);
  if (!layout) return {{}, {}, layout.errors()};
  Started out{*layout, std::vector<double>(static_cast<std::size_t>(layout->n)), {}};
  const auto done = initialise<double>(*shape, out.layout, trial, out.values);
  if (!done) out.errors = done.errors();
  return out;
}

double deviation(const std::vector<double>& x) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  return std::sqrt(squares / static_cast<double>(x.size()));
}

double largest(const std::vector<double>& x) {
  double top = 0;
  for (const double v : x) top = std::max(top, std::abs(v));
  return top;
}

TEST(Init, DefaultsAreThoseOfTheContract) {
  const Started s = start("");
  const double bound = 1 / std::sqrt(32.0);
  for (const char* name : {"layer0.W_Q", "layer1.W_V", "W_C", "layer0.b_K", "b_C"}) {
    EXPECT_LE(largest(s.of(name)), bound) << name;
    EXPECT_GT(largest(s.of(name)), name[0] == 'b' ? 0.0 : 0.8 * bound) << name;
  }
  EXPECT_LE(largest(s.of("layer0.W_O")), 1 / std::sqrt(16.0));  // fan-in: the rows of one head
  EXPECT_GT(largest(s.of("layer0.W_O")), 0.9 / std::sqrt(16.0));
  EXPECT_NEAR(deviation(s.of("W_E")), 0.02, 0.004);
  EXPECT_NEAR(deviation(s.of("W_P")), 0.02, 0.004);
  for (const double g : s.of("layer1.norm_1_gain")) EXPECT_EQ(g, 1.0);
  for (const double b : s.of("final_norm_bias")) EXPECT_EQ(b, 0.0);
}

TEST(Init, AMatrixStartsAlikeWhateverElseTheModelHas) {
  const Started more = start(""),
                less = start(R"("norm": "none", "positions": "none", "train": ["W_K"])");
  EXPECT_EQ(more.of("layer1.W_K"), less.of("layer1.W_K"));
  EXPECT_EQ(more.of("W_C"), less.of("W_C"));
  EXPECT_NE(more.of("layer1.W_K"), more.of("layer0.W_K"));
  EXPECT_NE(more.of("layer1.W_K"), more.of("layer1.W_Q"));
  EXPECT_NE(more.of("W_C"), start("", R"("dim": 32, "heads": 2, "layers": 2, "norm": "pre_layer",
      "positions": "learned", "head": {"classes": "from_task"})",
                                  12)
                                .of("W_C"));
}

TEST(Init, SchemesByName) {
  const Started s =
      start(R"("init": {"default": {"normal": 0.5}, "layer0.W_Q": "identity", "W_K": "kaiming",
      "W_V": "xavier", "b_Q": "zeros", "norm_1_gain": {"uniform": 2.0}})");
  EXPECT_NEAR(deviation(s.of("layer1.W_Q")), 0.5, 0.06);
  EXPECT_NEAR(deviation(s.of("W_E")), 0.5, 0.06);
  EXPECT_NEAR(deviation(s.of("layer0.W_K")), std::sqrt(2.0 / 32), 0.03);
  EXPECT_NEAR(largest(s.of("layer0.W_V")), std::sqrt(6.0 / (32 + 16)), 0.01);
  EXPECT_EQ(largest(s.of("layer1.b_Q")), 0.0);
  EXPECT_GT(largest(s.of("layer0.norm_1_gain")), 1.0);
  EXPECT_EQ(s.of("final_norm_gain"), std::vector<double>(32, 1.0));
  const auto q = s.of("layer0.W_Q");
  for (Index h = 0; h < 2; ++h)
    for (Index r = 0; r < 32; ++r)
      for (Index c = 0; c < 16; ++c)
        EXPECT_EQ(q[static_cast<std::size_t>((h * 32 + r) * 16 + c)], r == c ? 1.0 : 0.0);
}

TEST(Init, ExplicitValuesMayLeaveOutTheHeadAxisOfOneHead) {
  const std::string one =
      R"("embedding": "one_hot", "key_dim": 1, "bias": false, "output_projection": false,
      "head": {"classes": "from_task"})";
  const std::string nine = "[[1],[2],[3],[4],[5],[6],[7],[8],[9]]";
  const Started plain = start(R"("init": {"W_Q": {"values": )" + nine + "}}", one);
  const Started headed = start(R"("init": {"W_Q": {"values": [)" + nine + "]}}", one);
  ASSERT_TRUE(plain.errors.empty() && headed.errors.empty());
  EXPECT_EQ(plain.of("W_Q"), (std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(plain.values, headed.values);
  const Started wrong = start(R"("init": {"W_Q": {"values": [[1, 2], [3, 4]]}})", one);
  ASSERT_EQ(wrong.errors.size(), 1u);
  EXPECT_NE(sentence(wrong.errors[0]).find("shape [2, 2], the matrix has [1, 9, 1]"),
            std::string::npos)
      << sentence(wrong.errors[0]);
  EXPECT_FALSE(start(R"("init": {"W_Q": {"values": [[1], [2, 3]]}})", one).errors.empty());
  EXPECT_FALSE(start(R"("init": {"W_Q": "kaimin"})", one).errors.empty());
  EXPECT_FALSE(start(R"("init": {"default": {"values": [1]}})", one).errors.empty());
}

TEST(Init, FixedEmbeddingsAndSigns) {
  const Started s = start("", R"("embedding": "orthonormal", "dim": 20, "bias": false,
      "head": {"hidden": 400, "activation": "identity", "second_layer": "fixed_signs"})");
  const auto e = s.of("W_E");
  for (std::size_t a = 0; a < 9; ++a)
    for (std::size_t b = 0; b < 9; ++b) {
      double product = 0;
      for (std::size_t i = 0; i < 20; ++i) product += e[a * 20 + i] * e[b * 20 + i];
      EXPECT_NEAR(product, a == b ? 1.0 : 0.0, 1e-14);
    }
  double sum = 0;
  for (const double sign : s.of("W_H2")) {
    EXPECT_EQ(std::abs(sign), 1.0);
    sum += sign;
  }
  EXPECT_LT(std::abs(sum), 80);
  const Started g =
      start("", R"("embedding": "gaussian", "dim": 100, "head": {"classes": "from_task"})");
  EXPECT_NEAR(deviation(g.of("W_E")), 0.1, 0.01);
}

}  // namespace
}  // namespace attnlab

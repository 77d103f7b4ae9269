// mistakes_test.cpp: a wrong grid is answered with the place of each mistake, what is wrong and
// what helps.
#include <gtest/gtest.h>

#include "unit/grid/small_catalogue.hpp"

namespace attnlab {
namespace {

using test::mistakes_of;

struct Wrong {
  std::string text;
  std::string expected;  // all of it must be in the answer, in lines
};

void expect_all(const std::vector<Wrong>& cases) {
  for (const Wrong& wrong : cases) {
    const std::string answer = mistakes_of(wrong.text);
    for (std::size_t from = 0; from < wrong.expected.size();) {
      const std::size_t end = std::min(wrong.expected.find('\n', from), wrong.expected.size());
      const std::string line = wrong.expected.substr(from, end - from);
      EXPECT_NE(answer.find(line), std::string::npos)
          << "grid:\n"
          << wrong.text << "\nexpected: " << line << "\nanswer:\n"
          << answer;
      from = end + 1;
    }
  }
}

void expect_exactly(const std::string& text, const std::string& answer) {
  EXPECT_EQ(mistakes_of(text), answer) << text;
}

TEST(Mistakes, AreAllToldAtOnceInTheOrderOfTheFile) {
  expect_exactly(
      "nam: a\n"
      "name: Two Phases\n"
      "trial:\n"
      "  sed: 1\n"
      "  model: {atention: {kernel: {plugin: sofmax}}, heads: 0}\n"
      "  optimizer:\n"
      "    plugin: adam\n"
      "    beta_1: 0.8\n"
      "  training: {precision: float16}\n"
      "claims: [two_phase]\n",
      "g.yaml:1:1: a grid has no key 'nam'; did you mean 'name'?\n"
      "g.yaml:2:7: 'Two Phases' is not a name; names are of a-z, 0-9 and -, as in `name: "
      "two-phases`\n"
      "g.yaml:4:3: trial has no key 'sed'; did you mean 'seed'?\n"
      "g.yaml:5:11: model has no key 'atention'; did you mean 'attention'?\n"
      "g.yaml:5:56: 'heads' must be a whole number from 1 to 1000000000, not 0; choose one in that "
      "range\n"
      "g.yaml:8:5: the optimizer 'adam' has no option 'beta_1'; did you mean 'beta1'?\n"
      "g.yaml:9:25: 'precision' must be one of float32, float64, not the text 'float16'; did you "
      "mean "
      "'float32'?\n"
      "g.yaml:10:10: no claim is called 'two_phase'; did you mean 'two_phases'?\n");
}

TEST(Mistakes, OfTheFileAsAWhole) {
  expect_all({
      {"", "g.yaml:1:1: the file is empty; a grid needs at least `trial: {}`"},
      {"# only a comment\n", "the file is empty"},
      {"name: a\n", "g.yaml:1:1: there is no `trial`; write at least `trial: {}`"},
      {"- a\n", "g.yaml:1:1: this is not a grid"},
      {"just words", "this is not a grid"},
      {"trial: 3\n", "g.yaml:1:8: 'trial' must be a mapping"},
      {"trial: {}\n---\ntrial: {}\n", "a second document begins here"},
      {std::string("trial: {}\n\0\n", 12), "g.yaml:2:1: this is not text"},
      {"trial: {}\n# \xff\xfe\n", "g.yaml:2:3: this is not text"},
      {"\x7f"
       "ELF\x02",
       "g.yaml:1:1: this is not text"},
      {"trial:\n\tseed: 1\n", "g.yaml:2:1: a tab indents this line; YAML wants spaces"},
      {"trial: {seed: 1\n", "g.yaml:2:1: a { is not closed by a }"},
      {"trial: {seed: [1\n", "a [ is not closed by a ]"},
      {"trial: {}\ndescription: \"open\n",
       "g.yaml:3:1: a quote is opened and not closed before here"},
      {"trial: {}\ndescription: 'open", "a quote is opened and not closed before here"},
      {"trial:\n  seed: 1\n model: {}\n", "g.yaml:3:2: this line is indented like none above it"},
      {"trial: *nobody\n", "g.yaml:1:8: this is not YAML"},
      {"trial: !thing {}\n", "g.yaml:1:8: the tag !thing means nothing here"},
      {"trial: {? [a] : 1}\n", "a key cannot be a list or a mapping"},
      {"trial: &a {b: *a}\n", "g.yaml:1:15: this alias stands inside what it names"},
      {"trial: {}\nseed: 3\n", "g.yaml:2:1: a grid has no key 'seed'; it belongs into `trial`"},
      {"trial: {claims: [a]}\n",
       "g.yaml:1:9: trial has no key 'claims'; it belongs beside `trial`"},
      {"trial: {model.dim: 3}\n", "write mappings in each other"},
      {"trial: {}\ndescription: [a]\n", "g.yaml:2:14: 'description' must be text"},
      {"trial: {}\nclaims: two_phases\n",
       "g.yaml:2:9: 'claims' must be a list of names; write `claims: [two_phases]`"},
      {"trial: {}\nclaims: [two_phases, two_phases]\n",
       "g.yaml:2:22: the claim 'two_phases' is there twice"},
      {"trial: {}\nname:\n", "g.yaml:2:1: a name is missing"},
      {"trial: {}\nname: a_b\n",
       "g.yaml:2:7: 'a_b' is not a name; names are of a-z, 0-9 and -, as in `name: a-b`"},
  });
}

TEST(Mistakes, AKeyGivenTwiceIsOneWhereverItStands) {
  expect_all({
      {"trial: {}\ntrial: {}\n",
       "g.yaml:2:1: the key 'trial' is given twice; the first one is in line 1"},
      {"trial:\n  model:\n    dim: 4\n    dim: 8\n", "g.yaml:4:5: the key 'dim' is given twice"},
      {"trial: {seed: 1, seed: 1}\n", "g.yaml:1:18: the key 'seed' is given twice"},
      {"trial: {}\nsweep: {grid: {seed: [1], seed: [2]}}\n",
       "g.yaml:2:27: the key 'seed' is given twice"},
  });
}

TEST(Mistakes, OfTypesAndRanges) {
  expect_all({
      {"trial: {seed: -1}\n", "g.yaml:1:15: 'seed' must be a whole number from 0"},
      {"trial: {seed: 1.5}\n", "not 1.5; write it without a fraction"},
      {"trial: {seed: 1e18}\n", "not 1e+18; write out all its digits"},
      {"trial: {seed: 1e19}\n", "not 1e+19; choose one in that range"},
      {"trial: {seed: \"1\"}\n",
       "g.yaml:1:15: 'seed' must be a whole number from 0 to 9223372036854775807, not the text "
       "'1'; write 1, without quotes"},
      {"trial: {seed: 99999999999999999999}\n",
       "g.yaml:1:15: the whole number 99999999999999999999 does not fit"},
      {"trial: {seed: .nan}\n", "g.yaml:1:15: .nan cannot be a setting"},
      {"trial: {optimizer: {learning_rate: -.inf}}\n", "g.yaml:1:36: -.inf cannot be a setting"},
      {"trial: {optimizer: {learning_rate: 1e999}}\n",
       "g.yaml:1:36: the number 1e999 is too large"},
      {"trial: {optimizer: {learning_rate: nan}}\n",
       "'learning_rate' must be a number from 0, not the text 'nan'"},
      {"trial: {seed: 010}\n",
       "g.yaml:1:15: 010 is 8-based in YAML 1.1 and 10-based in YAML 1.2; write 10"},
      {"trial: {seed:}\n", "'seed' must be a whole number"},
      {"trial: {model: {residual: yes}}\n",
       "g.yaml:1:27: 'residual' must be true or false, not the text 'yes'; write true or false"},
      {"trial: {model: {residual: 1}}\n", "'residual' must be true or false, not 1"},
      {"trial: {model: 7}\n", "g.yaml:1:16: 'model' must be a mapping, not 7"},
      {"trial: {model: {dim: 0}}\n", "g.yaml:1:22: 'dim' must be a whole number from 1"},
      {"trial: {model: {dropout: 1}}\n", "'dropout' must be a number from 0 to 0.999"},
      {"trial: {model: {attention: {dropout: 1}}}\n", "'dropout' must be a number from 0 to 0.999"},
      {"trial: {model: {attention: {kernel: gaussian, dropout: 0.1}}}\n",
       "g.yaml:1:56: the kernel 'gaussian' has no dropout of its weights; leave"},
      {"trial: {model: {readout: {mean: 3}}}\n",
       "'readout' must be a word or {mean_padded: n}, not another mapping"},
      {"trial: {model: {readout: {mean_padded: 0}}}\n",
       "'mean_padded' must be a whole number from 1"},
      {"trial: {model: {norm: layer}}\n", "one of none, pre_layer, post_layer, l2"},
      {"trial: {training: {steps: 1_000}}\n",
       "not the text '1_000'; write 1000, without quotes or underscores"},
      {"trial: {training: {batch: ful}}\n",
       "g.yaml:1:27: 'batch' must be full or a whole number from 1, not the text 'ful'"},
      {"trial: {training: {batch: ful}}\n", "did you mean 'full'?"},
      {"trial: {training: {batch: 0}}\n", "'batch' must be a whole number from 1"},
      {"trial: {loss: l2}\n", "'loss' must be one of logistic, cross_entropy, squared"},
      {"trial: {model: {feed_forward: {activation: gelu}}}\n", "'feed_forward' has no 'hidden'"},
      {"trial: {model: {head: classes}}\n",
       "'head' must be none, {hidden: n, ...} or {classes: from_task}"},
      {"trial: {model: {head: {hidden: 4, second_layer: fixed}}}\n", "did you mean 'fixed_signs'?"},
      {"trial: {model: {head: {hiden: 4}}}\n",
       "g.yaml:1:24: head has no key 'hiden'; did you mean 'hidden'?"},
      {"trial: {model: {head: {class: from_task}}}\n",
       "head has no key 'class'; did you mean 'classes'?"},
      {"trial: {model: {head: nne}}\n", "did you mean 'none'?"},
      {"trial: {model: {feed_forward: nne}}\n", "did you mean 'none'?"},
      {"trial: {model: {readout: {mean_paded: 4}}}\n",
       "g.yaml:1:27: readout has no key 'mean_paded'; did you mean 'mean_padded'?"},
      {"trial: {model: {attention: {kernel: {temperature: 0}}}}\n",
       "'temperature' must be a number above 0, not 0"},
      {"trial: {model: {train: W_Q}}\n", "'train' must be all or a list of matrices"},
      {"trial: {model: {train: [W_Q, W_X]}}\n", "g.yaml:1:30: no matrix is called 'W_X'"},
      {"trial: {model: {init: {layer0.W_q: zeros}}}\n",
       "no matrix is called 'layer0.W_q'; did you mean 'layer0.W_Q'?"},
      {"trial: {model: {init: {layer0.W_E: zeros}}}\n", "no matrix is called 'layer0.W_E'"},
      {"trial: {model: {init: {W_Q: kaimin}}}\n",
       "g.yaml:1:29: no initial values are called 'kaimin'; did you mean 'kaiming'?"},
      {"trial: {model: {init: {W_Q: normal}}}\n", "write `{normal: 0.02}`"},
      {"trial: {model: {init: {W_Q: {normal: -1}}}}\n", "'normal' must be a number from 0"},
      {"trial: {model: {init: {W_Q: {values: [[1, 2], [3]]}}}}\n",
       "g.yaml:1:38: 'values' must be numbers in rows of equal length"},
      {"trial: {model: {init: {W_Q: {values: [[1, 2], [3, [4]]]}}}}\n", "rows of equal length"},
      {"trial: {model: {init: {W_Q: {values: [[1, 2], [3, x]]}}}}\n", "rows of equal length"},
      {"trial: {model: {init: {W_Q: {values: []}}}}\n", "rows of equal length"},
      {"trial: {optimizer: {clip: 1}}\n", "'clip' must be none, {value: x} or {norm: x}, not 1"},
      {"trial: {optimizer: {clip: {norm: 0}}}\n", "'norm' must be a number above 0"},
      {"trial: {optimizer: {clip: {nrm: 1}}}\n", "clip has no key 'nrm'; did you mean 'norm'?"},
      {"trial: {optimizer: {schedule: cosin}}\n", "did you mean 'cosine'?"},
      {"trial: {optimizer: {schedule: {shape: cosine, warmup: 3}}}\n",
       "schedule has no key 'warmup'; did you mean 'warm_up'?"},
      {"trial: {optimizer: {schedule: {shape: constant, warm_up: 3}}}\n",
       "a constant schedule does not warm up; write `shape: warm_up`"},
      {"trial: {optimizer: {learning_rate: {defalt: 1}}}\n",
       "g.yaml:1:37: no matrix is called 'defalt'; did you mean 'default'?"},
      {"trial: {model: {init: {defalt: zeros}}}\n", "did you mean 'default'?"},
      {"trial: {model: {train: al}}\n", "did you mean 'all'?"},
      {"trial: {record: {measures: aut}}\n", "did you mean 'auto'?"},
      {"trial: {optimizer: {learning_rate: {Q: 1}}}\n", "g.yaml:1:37: no matrix is called 'Q'"},
      {"trial: {record: {metrics: {every: 1, log_spaced: 3}}}\n",
       "g.yaml:1:18: every, log_spaced and steps exclude each other"},
      {"trial: {record: {metrics: {every: 0}}}\n", "'every' must be a whole number from 1"},
      {"trial: {record: {metrics: {steps: 3}}}\n", "'steps' must be a list, not 3"},
      {"trial: {record: {metrics: {steps: [0, lst]}}}\n",
       "g.yaml:1:39: a step must be a whole number or last"},
      {"trial: {record: {metrics: {evry: 3}}}\n",
       "metrics has no key 'evry'; did you mean 'every'?"},
      {"trial: {record: {parameters: {matrices: [Y, y]}}}\n",
       "no matrix is called 'y'; did you mean 'Y'?"},
      {"trial: {record: {data: no}}\n", "'data' must be true or false, not the text 'no'"},
      {"trial: {record: {checkpoint: {every_seconds: 0}}}\n",
       "'every_seconds' must be a number above 0"},
  });
}

TEST(Mistakes, OfPluginsAndTheirOptions) {
  expect_all({
      {"trial: {task: {plugin: coocurrence}}\n",
       "g.yaml:1:24: no task plugin is called 'coocurrence'; did you mean 'cooccurrence'?"},
      {"trial: {task: {plugin: softmax}}\n", "no task plugin is called 'softmax'"},
      {"trial: {optimizer: {plugin: 3}}\n", "'plugin' must be text, not 3"},
      {"trial: {model: {attention: {dropout: 0.1, kernel: {plugin: 3}}}}\n",
       "g.yaml:1:60: 'plugin' must be text, not 3"},
      {"trial: {task: {plugin: text_corpus}}\n",
       "g.yaml:1:24: the task 'text_corpus' needs the option 'path'"},
      {"trial: {task: {plugin: text_corpus, path: 3}}\n",
       "g.yaml:1:43: 'path' must be text, not 3; put it in quotes: \"3\""},
      {"trial: {task: {plugin: text_corpus, path: a, share: 2}}\n",
       "g.yaml:1:53: 'share' must be a number from 0 to 1, not 2"},
      {"trial: {task: {samples: 3}}\n",
       "g.yaml:1:25: 'samples' must be a whole number from 6, not 3"},
      {"trial: {task: {samples: 6.5}}\n", "'samples' must be a whole number from 6, not 6.5"},
      {"trial: {task: {samplse: 60}}\n",
       "g.yaml:1:16: the task 'cooccurrence' has no option 'samplse'; did you mean 'samples'?"},
      {"trial: {model: {attention: {kernel: {plugin: laplacian, norm: l3}}}}\n",
       "'norm' must be one of l2, l1"},
      {"trial: {model: {attention: {kernel: {plugin: softmax, kappa: 3}}}}\n",
       "g.yaml:1:55: the kernel 'softmax' has no option 'kappa'; 'cosine' has it"},
      {"trial: {optimizer: {plugin: adam, learning_rat: 3}}\n", "did you mean 'learning_rate'?"},
  });
}

TEST(Mistakes, EveryNameOfAHintStandsThereOnce) {
  expect_exactly(
      "trial: {model: {precision: 1}}\n",
      "g.yaml:1:17: model has no key 'precision'; one of parameterization, embedding, dim, "
      "heads, layers, key_dim, value_dim, positions, attention, output_projection, bias, "
      "residual, norm, dropout, feed_forward, readout, head, init, train\n");
  expect_exactly("trial: {model: {init: {W_Q: glorot}}}\n",
                 "g.yaml:1:29: no initial values are called 'glorot'; one of kaiming, xavier, "
                 "torch_linear, zeros, ones, identity, skyformer, cooccurrence_theory, "
                 "value_columns, normal, uniform, values\n");
}

TEST(Mistakes, HeadsMustDivideDimUnlessKeyDimIsGiven) {
  expect_exactly(
      "trial: {model: {dim: 64, heads: 3}}\n",
      "g.yaml:1:33: heads (3) do not divide dim (64); choose heads that do, or give key_dim\n");
  expect_exactly("trial: {model: {dim: 64, heads: 3, key_dim: 20}}\n", "");
}

TEST(Mistakes, OfTheSweep) {
  const std::string trial = "trial: {}\nsweep:\n";
  expect_all({
      {trial + "  gird: {seed: [1]}\n",
       "g.yaml:3:3: sweep has no key 'gird'; did you mean 'grid'?"},
      {trial + "  model.dim: [1]\n",
       "g.yaml:3:3: sweep has no key 'model.dim'; put paths under `grid` or `zip`"},
      {trial + "  grid: [a]\n", "'grid' must be a mapping, not a list"},
      {trial + "  grid: {seed: []}\n", "g.yaml:3:16: no values are given for 'seed'"},
      {trial + "  grid: {seed: }\n", "no values are given for 'seed'; give some"},
      {trial + "  grid: {seed: {rang: [0, 3]}}\n",
       "g.yaml:3:17: there is no 'rang'; did you mean 'range'?"},
      {trial + "  grid: {seed: {a: 1, b: 2}}\n", "to sweep a mapping put it into a list"},
      {trial + "  grid: {seed: {range: [3, 0]}}\n", "g.yaml:3:24: this range is empty"},
      {trial + "  grid: {seed: {range: [0, 3, 0]}}\n", "the step of a range cannot be 0"},
      {trial + "  grid: {seed: {range: 3}}\n", "range wants [first, last_exclusive, step]"},
      {trial + "  grid: {seed: {range: [0, x]}}\n",
       "g.yaml:3:28: range wants numbers, not the text 'x'"},
      {trial + "  grid: {seed: {range: [0, 1000000000000]}}\n",
       "these are more than 1000000 values"},
      {trial + "  grid: {seed: {range: [0, 2000]}, task.dim: {range: [4, 2004]}}\n",
       "this spans 4000000.0 trials"},
      {trial + "  grid: {optimizer.learning_rate: {logspace: [0, 1, 3]}}\n",
       "logspace needs numbers above 0"},
      {trial + "  grid: {optimizer.learning_rate: {linspace: [0, 1]}}\n",
       "linspace wants [first, last, count]"},
      {trial + "  grid: {optimizer.learning_rate: {linspace: [0, 1, 2.5]}}\n",
       "the third number says how many"},
      {trial + "  grid: {model.atention.kernel.plugin: [softmax]}\n",
       "g.yaml:3:10: model has no key 'atention'; did you mean 'attention'?"},
      {trial + "  grid: {modl.dim: [4]}\n",
       "g.yaml:3:10: trial has no key 'modl'; did you mean 'model'?"},
      {trial + "  grid: {trial.seed: [4]}\n", "paths are relative to `trial`: leave `trial.` out"},
      {trial + "  grid: {seed.x: [4]}\n", "'seed' must be a whole number"},
      {trial + "  grid: {model..dim: [4]}\n", "'model..dim' is not a path"},
      {trial + "  grid: {seed: [1, -2, 3, x]}\n",
       "g.yaml:3:20: 'seed' must be a whole number from 0 to 9223372036854775807, not -2\n"
       "g.yaml:3:27: 'seed' must be a whole number"},
      {trial + "  grid: {model.attention.kernel.plugin: [softmax, gausian]}\n",
       "g.yaml:3:51: no kernel plugin is called 'gausian'; did you mean 'gaussian'?"},
      {trial + "  grid: {model.heads: [1, 3], model.dim: [6, 64]}\n",
       "g.yaml:3:27: heads (3) do not divide dim (64)"},
      {trial + "  zip: {seed: [1]}\n", "zip must be a list of mappings, not a mapping"},
      {trial + "  zip:\n    - {seed: [1, 2], task.dim: [4]}\n",
       "g.yaml:4:32: 'task.dim' has 1 values, 'seed' has 2"},
      {trial + "  grid: {seed: [1]}\n  zip:\n    - {seed: [1, 2]}\n",
       "g.yaml:5:8: 'seed' is swept twice; it is already in line 3"},
      {trial + "  grid: {optimizer: [{plugin: adam}], optimizer.learning_rate: [1]}\n",
       "'optimizer.learning_rate' and 'optimizer' overlap"},
      {trial + "  grid: {seed: [1]}\n  exclude: {seed: 1}\n", "exclude must be a list of mappings"},
      {trial + "  grid: {seed: [1]}\n  exclude: [{sed: 1}]\n",
       "g.yaml:4:14: 'sed' is neither swept nor given in `trial`; did you mean 'seed'?"},
      {trial + "  grid: {seed: [1, 2]}\n  exclude: [{seed: \"1\"}]\n",
       "g.yaml:4:20: 'seed' must be a whole number"},
      {trial + "  grid: {model.attention.kernel.plugin: [softmax]}\n  exclude: "
               "[{model.attention.kernel.plugin: sofmax}]\n",
       "g.yaml:4:45: no kernel plugin is called 'sofmax'; did you mean 'softmax'?"},
      {trial + "  grid: {seed: [1]}\n  exclude: [{}]\n", "this would exclude every trial"},
      {"trial: {seed: x}\nsweep: {grid: {seed: [1]}}\n",
       "g.yaml:1:15: 'seed' must be a whole number"},
  });
}

TEST(Mistakes, AnOptionSweptWithPluginsThatLackItSuggestsZipOrExclude) {
  const std::string sweep =
      "trial: {}\n"
      "sweep:\n"
      "  grid:\n"
      "    model.attention.kernel.plugin: [cosine, softmax]\n"
      "    model.attention.kernel.kappa: [1, 2, 3]\n";
  expect_exactly(sweep,
                 "g.yaml:5:5: the kernel 'softmax' has no option 'kappa'; 'cosine' has it; vary "
                 "the two together "
                 "with zip, or leave such trials out with exclude\n");
  expect_exactly(sweep + "  exclude:\n    - {model.attention.kernel.plugin: softmax}\n", "");
  expect_exactly(
      "trial: {model: {attention: {kernel: {kappa: 3}}}}\n"
      "sweep: {grid: {model.attention.kernel.plugin: [cosine, softmax]}}\n",
      "g.yaml:1:38: the kernel 'softmax' has no option 'kappa'; 'cosine' has it; vary the two "
      "together "
      "with zip, or leave such trials out with exclude\n");
}

TEST(Mistakes, OfOneKindAtOnePlaceAreCountedNotListed) {
  const std::string answer =
      mistakes_of("trial: {}\nsweep: {grid: {seed: {linspace: [0.5, 99.5, 100]}}}\n");
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 6) << answer;
  EXPECT_NE(answer.find("there are more mistakes at this place; mend these first"),
            std::string::npos)
      << answer;
}

// Every value is wrong: a few are told, and the rest are not even looked at.
TEST(Mistakes, AMillionWrongValuesAreAFewMistakes) {
  const auto grid = test::read(
      "name: g\ntrial: {}\nsweep: {grid: {optimizer.learning_rate: {range: [-1000000, 0]}}}\n");
  ASSERT_FALSE(grid);
  EXPECT_EQ(grid.errors().size(), 6u);
}

TEST(Mistakes, InOverridesNameTheOverride) {
  const auto with = [](const std::string& override) {
    return mistakes_of("trial: {}\n", {override});
  };
  EXPECT_EQ(with("optimizer.learning_rat=1"),
            "--set optimizer.learning_rat=1: the optimizer 'gradient_descent' has no option "
            "'learning_rat'; "
            "did you mean 'learning_rate'?\n");
  EXPECT_NE(with("seed=x").find("--set seed=x: 'seed' must be"), std::string::npos);
  EXPECT_NE(with("seed").find("this is not PATH=VALUE"), std::string::npos);
  EXPECT_NE(with("=3").find("this is not PATH=VALUE"), std::string::npos);
  EXPECT_NE(with("seed=[1").find("--set seed=[1: "), std::string::npos);
  EXPECT_NE(with("seed.x=3").find("'seed' must be a whole number"), std::string::npos)
      << with("seed.x=3");
  EXPECT_NE(with("trial.seed=3").find("leave `trial.` out"), std::string::npos);
  EXPECT_NE(with("claims=[two_phase]").find("did you mean 'two_phases'?"), std::string::npos);
  EXPECT_NE(with("sweep.grd.seed=[1]").find("sweep has no key 'grd'"), std::string::npos)
      << with("sweep.grd.seed=[1]");
  EXPECT_NE(mistakes_of("trial: {}\nsweep: {grid: {seed: [1, 2]}}\n", {"seed=3"})
                .find("use --set sweep.grid.seed="),
            std::string::npos);
}

TEST(Mistakes, FilesThatAreNotThereOrAreFolders) {
  EXPECT_NE(
      sentence(read_grid("/no/such/grid.yaml", {}, {}, {}).errors()[0]).find("cannot be read"),
      std::string::npos);
  EXPECT_NE(sentence(read_grid("/tmp", {}, {}, {}).errors()[0]).find("this is a folder"),
            std::string::npos);
}

}  // namespace
}  // namespace attnlab

// optimizer_torch_test.cpp: the optimizers and PyTorch's own, on the same gradients, rates and
// momenta, to 1e-12.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/random.hpp"
#include "contract/optimizer_drive.hpp"

namespace attnlab::contract {
namespace {

constexpr int n_steps = 25;

struct Case {
  std::string title;
  std::string torch;  // the class in torch.optim
  Settings torch_options;
  Settings settings;
  bool scheduled = false;  // rates change, and the momentum too
};

std::vector<Case> cases() {
  const auto sgd = [](Settings options) { return options["plugin"] = "gradient_descent", options; };
  const auto adam = [](Settings options) { return options["plugin"] = "adam", options; };
  const auto rms = [](Settings options) { return options["plugin"] = "rmsprop", options; };
  const Settings momentum = {{"momentum", 0.9}};
  const Settings nesterov = {{"momentum", 0.9}, {"nesterov", true}, {"weight_decay", 0.01}};
  const Settings betas = {{"betas", {0.8, 0.99}}, {"eps", 1e-6}, {"weight_decay", 0.1}};
  const Settings our_betas = {
      {"beta1", 0.8}, {"beta2", 0.99}, {"epsilon", 1e-6}, {"weight_decay", 0.1}};
  Settings decoupled = our_betas;
  decoupled["decoupled"] = true;
  const Settings rms_theirs = {
      {"alpha", 0.9}, {"eps", 1e-4}, {"momentum", 0.5}, {"weight_decay", 0.1}};
  const Settings rms_ours = {
      {"decay", 0.9}, {"epsilon", 1e-4}, {"momentum", 0.5}, {"weight_decay", 0.1}};
  const Settings none = Settings::object();
  return {
      {"plain", "SGD", none, sgd(none)},
      {"momentum", "SGD", momentum, sgd(momentum)},
      {"weight decay", "SGD", {{"weight_decay", 0.1}}, sgd({{"weight_decay", 0.1}})},
      {"nesterov", "SGD", nesterov, sgd(nesterov)},
      {"cycled momentum", "SGD", momentum, sgd(momentum), true},
      {"adam", "Adam", none, adam(none)},
      {"adam with decay", "Adam", betas, adam(our_betas)},
      {"adamw", "AdamW", betas, adam(decoupled)},
      {"adamw with cycled momentum", "AdamW", betas, adam(decoupled), true},
      {"rmsprop", "RMSprop", none, rms(none)},
      {"rmsprop with momentum and decay", "RMSprop", rms_theirs, rms(rms_ours)},
  };
}

// What both sides are given, and what ours made of it.
Settings trajectory(const Case& one) {
  Drive<double> drive(built_plugins(), one.settings);
  Settings out = {{"title", one.title}, {"torch", one.torch}, {"options", one.torch_options}};
  out["start"] = std::vector<double>(drive.p(), drive.p() + n_numbers);
  for (int s = 0; s < n_steps; ++s) {
    for (std::int64_t i = 0; i < n_numbers; ++i) {
      drive.g()[i] = random_normal(5, 9, static_cast<std::uint64_t>(s * n_numbers + i));
    }
    const double rate = one.scheduled ? 0.1 / (1 + s) : 0.05;
    drive.rates[0] = drive.rates[1] = rate;
    if (one.scheduled) drive.momentum = 0.95 - 0.004 * s;
    Settings step = {{"rate", rate},
                     {"gradient", std::vector<double>(drive.g(), drive.g() + n_numbers)}};
    if (one.scheduled) step["momentum"] = drive.momentum;
    EXPECT_TRUE(drive.step());
    step["after"] = std::vector<double>(drive.p(), drive.p() + n_numbers);
    out["steps"].push_back(step);
  }
  return out;
}

TEST(PyTorch, TakesTheSameSteps) {
  Settings all = Settings::array();
  for (const Case& one : cases()) all.push_back(trajectory(one));
  const std::string file = testing::TempDir() + "attnlab_optimizers.json";
  std::ofstream(file) << all.dump();
  const std::string command =
      "/usr/bin/python3 " ATTNLAB_SOURCE_DIR "/tests/contract/optimizer_torch.py " + file;
  const int status = std::system(command.c_str());
  std::remove(file.c_str());
  ASSERT_NE(status, -1);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "PyTorch is not installed (python3-torch)";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see the lines above";
}

}  // namespace
}  // namespace attnlab::contract

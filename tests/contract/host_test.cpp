// host_test.cpp: the border kept: C plugins of version 1.0 still work, and what breaks the border
// is refused by name.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cfenv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "host/describe.hpp"
#include "host/kept_arithmetic.hpp"
#include "host/library.hpp"
#include "host/plugins.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;

const fs::path contract = fs::path(ATTNLAB_BINARY_DIR) / "tests/contract";
const fs::path built = fs::path(ATTNLAB_BINARY_DIR) / "lib/attnlab/plugins";

const Plugins& frozen() {
  static const Plugins plugins = *Plugins::scan({contract / "frozen"});
  return plugins;
}

// A folder that only the owner may write to, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "attnlab-host-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  fs::path path;
};

TEST(FrozenPlugins, AreFoundInTheFoldersOfTheirKindsAndDescribeThemselves) {
  ASSERT_TRUE(frozen().refused().empty()) << sentence(frozen().refused()[0]);
  ASSERT_EQ(frozen().catalogue().size(), 3u);
  const auto* task = find(frozen().catalogue(), PluginKind::task, "alternating");
  ASSERT_NE(task, nullptr);
  ASSERT_EQ(task->options.size(), 7u);
  EXPECT_EQ(task->options[0].unit, "tokens");
  EXPECT_EQ(task->options[1].fallback->dump(), "0.0");  // a real default is a real number
  EXPECT_EQ(task->options[4].choices, (std::vector<std::string>{"forwards", "backwards"}));
  EXPECT_TRUE(task->options[6].fallback->is_null());
  EXPECT_EQ(task->sha256, *sha256_of_file(task->file));
  EXPECT_TRUE(find(frozen().catalogue(), PluginKind::kernel, "uniform")->row_stochastic);
  const auto* halving = find(frozen().catalogue(), PluginKind::optimizer, "halving");
  EXPECT_EQ(halving->default_learning_rate, 0.5);
  EXPECT_EQ(frozen().entry(PluginKind::kernel, "halving"), nullptr);
}

struct Drawn {
  std::vector<std::int32_t> tokens, positions, target;
  attnlab_sample sample{};
  explicit Drawn(std::size_t n) : tokens(n), positions(n), target(1) {
    sample.tokens = tokens.data();
    sample.positions = positions.data();
    sample.target_ids = target.data();
  }
};

TEST(FrozenTask, GetsItsOptionsAndTheRandomNumbersOfTheHost) {
  const Settings settings = {{"plugin", "alternating"}, {"length", 3},    {"noise", 0.25},
                             {"fail", false},           {"prefix", "w"},  {"order", "backwards"},
                             {"file", "data/x.txt"},    {"extra", {1, 2}}};
  const auto task = Task::create(frozen(), settings, 11, "/grids");
  ASSERT_TRUE(task) << sentence(task.errors()[0]);
  EXPECT_EQ(task->shape().max_tokens, 3);
  EXPECT_EQ(task->shape().n_train, 100);
  EXPECT_EQ(task->shape().groups, (std::vector<std::string>{"even", "odd"}));
  EXPECT_EQ(task->shape().report, "file=/grids/data/x.txt extra=[1,2]");
  EXPECT_EQ(task->token_name(7), "w7");

  Drawn drawn(3);
  ASSERT_TRUE(task->sample(1, 5, drawn.sample));
  int sum = 0;
  for (std::size_t t = 0; t < 3; ++t) {
    const auto bits = random_bits(11, (std::uint64_t{1} << 32) + 1, 15 + t);
    EXPECT_EQ(drawn.tokens[t], static_cast<int>(bits % 10));
    sum += drawn.tokens[t];
  }
  EXPECT_EQ(drawn.positions, (std::vector<std::int32_t>{2, 1, 0}));
  EXPECT_EQ(drawn.target[0], sum % 2 == 0 ? 1 : -1);
}

TEST(FrozenTask, KeepsAnEmptyPathEmptyAndTakesDefaultsForWhatIsNotGiven) {
  const auto task = Task::create(frozen(), {{"plugin", "alternating"}}, 1, "/grids");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->shape().report, "file= extra=none");
  EXPECT_EQ(task->shape().max_tokens, 4);
  Drawn drawn(4);
  ASSERT_TRUE(task->sample(0, 0, drawn.sample));
  EXPECT_EQ(drawn.positions, (std::vector<std::int32_t>{0, 1, 2, 3}));  // the host's
}

TEST(FrozenTask, SaysWhyItFails) {
  const auto bad = Task::create(frozen(), {{"plugin", "alternating"}, {"prefix", "bad"}}, 1, "/");
  ASSERT_FALSE(bad);
  EXPECT_EQ(sentence(bad.errors()[0]),
            "task plugin 'alternating': the prefix 'bad' is not a good one");
  const auto task = Task::create(frozen(), {{"plugin", "alternating"}, {"fail", true}}, 1, "/");
  ASSERT_TRUE(task);
  Drawn drawn(4);
  const auto failed = task->sample(0, 0, drawn.sample);
  ASSERT_FALSE(failed);
  EXPECT_EQ(sentence(failed.errors()[0]), "task plugin 'alternating': it was told to fail");
}

TEST(FrozenTask, IsOneInstanceForManyThreadsAndCopies) {
  std::unique_ptr<Task> first;
  {
    auto task = Task::create(frozen(), {{"plugin", "alternating"}}, 3, "/");
    ASSERT_TRUE(task);
    first = std::make_unique<Task>(*task);
  }
  std::vector<Drawn> drawn(8, Drawn(4));
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    threads.emplace_back([&, i] {
      Drawn mine(4);
      for (Index k = 0; k < 200; ++k) failures += first->sample(0, k, mine.sample) ? 0 : 1;
      drawn[i].tokens = mine.tokens;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  for (const Drawn& one : drawn) EXPECT_EQ(one.tokens, drawn[0].tokens);
}

// Two keys, values 1 and 3: the mean is 2, and dv is dout / 2 for each key.
TEST(FrozenKernel, ComputesTheMeanAndItsGradient) {
  const auto kernel = Kernel::create(frozen(), {{"plugin", "uniform"}, {"temperature", 2.0}});
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->temperature(), 2.0);
  EXPECT_TRUE(kernel->row_stochastic());
  const double q[] = {5}, k[] = {7, 8}, v[] = {1, 3}, dout[] = {4};
  double out[1], weights[2], dq[] = {0}, dk[] = {0, 0}, dv[] = {10, 10};
  const attnlab_head_f64 head{
      {sizeof(attnlab_head_shape), ATTNLAB_MASK_NONE, 1, 2, 1, 1, 0, 2.0}, q, k, v, 1, 1, 1};
  const attnlab_kernel& table = kernel->table();
  ASSERT_EQ(table.forward_f64(kernel->self(), &head, out, 1, nullptr, nullptr), ATTNLAB_OK);
  EXPECT_EQ(out[0], 2.0);
  ASSERT_EQ(table.weights_f64(kernel->self(), &head, weights, nullptr), ATTNLAB_OK);
  EXPECT_EQ(weights[0], 0.5);
  ASSERT_EQ(table.backward_f64(kernel->self(), &head, out, dout, 1, nullptr, dq, dk, dv, nullptr),
            ATTNLAB_OK);
  EXPECT_EQ(dv[0], 12.0);
  EXPECT_EQ(dv[1], 12.0);
  EXPECT_EQ(dq[0], 0.0);
}

TEST(FrozenKernel, HasNoTemperatureYetIfTheSettingsSayNull) {
  const auto kernel = Kernel::create(frozen(), {{"plugin", "uniform"}, {"temperature", nullptr}});
  ASSERT_TRUE(kernel);
  EXPECT_TRUE(std::isnan(kernel->temperature()));
  EXPECT_FALSE(Kernel::create(frozen(), {{"plugin", "uniform"}, {"temperature", 0}}));
}

TEST(Settings, WithAnUnknownNameAreAnsweredWithTheNearestOne) {
  const auto kernel = Kernel::create(frozen(), {{"plugin", "unifrom"}});
  ASSERT_FALSE(kernel);
  EXPECT_EQ(sentence(kernel.errors()[0]),
            "kernel: no kernel plugin is called 'unifrom'; did you mean 'uniform'?");
}

// Scans one folder of bad plugins and answers the sentence of its refusal.
std::string refusal_of(const std::string& name) {
  const auto plugins = Plugins::scan({contract / "bad" / name});
  if (!plugins) return "scan failed: " + sentence(plugins.errors()[0]);
  if (plugins->refused().size() != 1) return "not refused";
  EXPECT_TRUE(plugins->catalogue().empty());
  const Error* found = plugins->refusal(PluginKind::kernel, name);
  if (found == nullptr) return "no refusal of that name";
  return sentence(*found);
}

struct BadCase {
  const char* name;
  const char* says;
};
void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

class BadPlugin : public testing::TestWithParam<BadCase> {};

TEST_P(BadPlugin, IsRefusedWithASentenceThatNamesFileAndReason) {
  const std::string said = refusal_of(GetParam().name);
  EXPECT_NE(said.find(GetParam().says), std::string::npos) << said;
  EXPECT_NE(said.find(std::string(GetParam().name) + ".so: "), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Every, BadPlugin,
    testing::Values(BadCase{"crashes", "crashed with SIGSEGV"},
                    BadCase{"aborts", "crashed with SIGABRT"},
                    BadCase{"leaves", "ended the process (status 0)"},
                    BadCase{"missing_library", "libattnlab_test_gone.so"},
                    BadCase{"no_entry", "exports no attnlab_plugin_entry"},
                    BadCase{"no_description", "answers no description"},
                    BadCase{"throws_in_entry", "thrown by the entry"},
                    BadCase{"wrong_magic", "mark of a plugin"},
                    BadCase{"wrong_major", "built for version 2.2 of the plugin border"},
                    BadCase{"larger_minor", "built for version 1.3 of the plugin border"},
                    BadCase{"unknown_kind", "is of kind 9"},
                    BadCase{"missing_slots", "misses the slots: backward_f32, weights_f64"},
                    BadCase{"wrong_name", "calls itself 'somebody_else'"}),
    [](const auto& bad) { return std::string(bad.param.name); });

TEST(APluginThatHangs, IsGivenUpAtTheDeadline) {
  const auto file = contract / "bad/hangs/hangs.so";
  const auto start = std::chrono::steady_clock::now();
  const auto tried = try_in_child(file, {}, std::chrono::milliseconds(300));
  ASSERT_FALSE(tried);
  EXPECT_NE(sentence(tried.errors()[0]).find("did not come back within 0.3 s"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(APluginOfAnotherKind, IsRefusedInAFolderOfAKind) {
  const auto plugins = Plugins::scan({contract / "bad/misplaced"});
  ASSERT_TRUE(plugins);
  ASSERT_EQ(plugins->refused().size(), 1u);
  EXPECT_NE(sentence(plugins->refused()[0]).find("lies in a folder 'optimizer'"),
            std::string::npos);
  EXPECT_EQ(plugins->refusal(PluginKind::kernel, "misplaced"), nullptr);
  EXPECT_NE(plugins->refusal(PluginKind::optimizer, "misplaced"), nullptr);
}

TEST(TwoFilesOfOneName, AreAnErrorThatNamesBothButOneFileTwiceIsNone) {
  const auto both = Plugins::scan({contract / "bad/first", contract / "bad/second"});
  ASSERT_FALSE(both);
  const std::string said = sentence(both.errors()[0]);
  EXPECT_NE(said.find("first/twin.so"), std::string::npos) << said;
  EXPECT_NE(said.find("second/twin.so"), std::string::npos) << said;

  Folder folder;
  fs::create_symlink(contract / "bad/first/twin.so", folder.path / "twin.so");
  const auto same = Plugins::scan({contract / "bad/first", folder.path, contract / "bad/first"});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->catalogue().size(), 1u);
}

TEST(ARefusedPlugin, IsTheAnswerIfAGridWantsIt) {
  const auto plugins = Plugins::scan({contract / "bad/missing_slots", contract / "frozen"});
  ASSERT_TRUE(plugins);
  EXPECT_EQ(plugins->catalogue().size(), 3u);
  const auto kernel = Kernel::create(*plugins, {{"plugin", "missing_slots"}});
  ASSERT_FALSE(kernel);
  EXPECT_NE(sentence(kernel.errors()[0]).find("misses the slots"), std::string::npos);
}

TEST(AnExceptionAcrossTheBorder, BecomesASentence) {
  for (const auto& [name, says] : {std::pair{"throws_in_create", "thrown by create"},
                                   std::pair{"throws_a_number", "not a std::exception"},
                                   std::pair{"fails_silently", "did not say why"}}) {
    const auto plugins = Plugins::scan({contract / "bad" / name});
    ASSERT_TRUE(plugins);
    const auto kernel = Kernel::create(*plugins, {{"plugin", name}});
    ASSERT_FALSE(kernel);
    const std::string said = sentence(kernel.errors()[0]);
    EXPECT_NE(said.find(says), std::string::npos) << said;
    EXPECT_TRUE(said.starts_with("kernel plugin '" + std::string(name) + "'")) << said;
  }
  const auto plugins = Plugins::scan({contract / "bad/throws_in_destroy"});
  ASSERT_TRUE(plugins);
  { EXPECT_TRUE(Kernel::create(*plugins, {{"plugin", "throws_in_destroy"}})); }  // and no abort
}

TEST(TheArithmeticOfTheThread, StaysAsItWasWhateverAPluginDoesToIt) {
  ASSERT_EQ(std::fegetround(), FE_TONEAREST);
  ASSERT_TRUE(Plugins::scan({contract / "bad/rounds_down"}));
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  std::fesetround(FE_DOWNWARD);
  {
    const KeptArithmetic kept;
    std::fesetround(FE_UPWARD);
  }
  EXPECT_EQ(std::fegetround(), FE_DOWNWARD);
  std::fesetround(FE_TONEAREST);
}

TEST(WorldWritable, FilesAndFoldersAreRefused) {
  Folder folder;
  const fs::path file = folder.path / "twin.so";
  fs::copy_file(contract / "bad/first/twin.so", file);
  fs::permissions(file, fs::perms(0755));
  ASSERT_EQ(Plugins::scan({folder.path})->catalogue().size(), 1u);

  fs::permissions(file, fs::perms(0757));
  const auto open_file = Plugins::scan({folder.path});
  ASSERT_EQ(open_file->refused().size(), 1u);
  EXPECT_NE(sentence(open_file->refused()[0]).find("may be written to by every user"),
            std::string::npos);

  fs::permissions(file, fs::perms(0755));
  fs::permissions(folder.path, fs::perms(0777));
  const auto open_folder = Plugins::scan({folder.path});
  EXPECT_TRUE(open_folder->catalogue().empty());
  ASSERT_NE(open_folder->refusal(PluginKind::kernel, "twin"), nullptr);
  EXPECT_NE(sentence(open_folder->refused()[0]).find("folder that every user may write to"),
            std::string::npos);
}

TEST(AFileThatIsNoLibrary, IsRefusedWithTheLoadersOwnWords) {
  Folder folder;
  std::ofstream(folder.path / "text.so") << "not a library\n";
  std::ofstream(folder.path / "notes.txt") << "not even called one\n";
  const auto plugins = Plugins::scan({folder.path});
  ASSERT_TRUE(plugins);
  ASSERT_EQ(plugins->refused().size(), 1u);
  EXPECT_NE(sentence(plugins->refused()[0]).find("cannot be loaded"), std::string::npos);
}

TEST(BuiltPlugins, AreAllAcceptedAndTrustedWithoutAChild) {
  const auto plugins = Plugins::scan({built});
  ASSERT_TRUE(plugins) << sentence(plugins.errors()[0]);
  for (const Error& refused : plugins->refused()) ADD_FAILURE() << sentence(refused);
  for (const char* name : {"gradient_descent", "adam", "rmsprop", "sign"}) {
    EXPECT_NE(plugins->entry(PluginKind::optimizer, name), nullptr) << name;
  }
  for (const PluginDescription& plugin : plugins->catalogue()) {
    EXPECT_FALSE(plugin.summary.empty()) << plugin.file;
    for (const Option& option : plugin.options) {
      EXPECT_FALSE(option.sentence.empty()) << plugin.file << " " << option.name;
    }
    const auto page = plugin_page(plugins->catalogue(), plugin.name);
    ASSERT_TRUE(page);
    EXPECT_NE(page->find(plugin.summary), std::string::npos);
  }
}

}  // namespace
}  // namespace attnlab

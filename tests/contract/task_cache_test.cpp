// task_cache_test.cpp: a task is the same whether its data were read, found in the process or found
// on disk.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "contract/task_border.hpp"
#include "contract/task_text_files.hpp"

namespace attnlab {
namespace {

using border::Folder;
namespace fs = std::filesystem;
using nlohmann::json;

struct Case {
  std::string task;
  json options;
};

// All that a task says and all its samples, as text.
std::string whole_of(const Case& one, std::uint64_t seed) {
  const border::Task task(one.task, one.options, seed);
  if (!task.exists()) return "no task: " + task.sentence();
  std::string out = task.report() + "\nvocabulary " + std::to_string(task.shape.vocabulary) +
                    " outputs " + std::to_string(task.shape.outputs);
  for (int split = 0; split < 3; ++split) {
    for (std::int64_t i = 0; i < task.shape.n_samples[split]; ++i) {
      const border::Sample sample = task.sample(split, i);
      out += "\n" + std::to_string(split) + ": ";
      for (const auto token : sample.tokens) out += std::to_string(token) + " ";
      for (const auto position : sample.positions) out += std::to_string(position) + " ";
      for (const auto target : sample.target_ids) out += std::to_string(target) + " ";
    }
  }
  if (one.task.starts_with("text") || one.task == "listops") {
    for (std::int64_t id = -1; id <= task.shape.vocabulary; ++id) out += "\n" + task.token_name(id);
  }
  return out;
}

struct Seen {
  std::string whole, on_stderr;
};

// In a process of its own, which has no data yet.
Seen in_a_process(const Case& one, const std::string& cache, const std::string& below,
                  std::uint64_t seed = 1) {
  const std::string answer = below + "/answer", errors = below + "/errors";
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("ATTNLAB_CACHE", cache.c_str(), 1);
    if (std::freopen(errors.c_str(), "w", stderr) == nullptr) ::_exit(1);
    {
      std::ofstream out(answer, std::ios::binary);
      out << whole_of(one, seed)
          << "\nagain the same: " << (whole_of(one, seed) == whole_of(one, seed));
    }
    std::fflush(stderr);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  const auto text = [](const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  return {text(answer), text(errors)};
}

std::vector<Case> cases(const Folder& folder) {
  const std::string texts = folder.write("texts.tsv",
                                         "pos\ta good film\nneg\ta bad film\npos\tgood good\nneg\t"
                                         "dull\nneg\tbad\npos\tfine \xe9\n");
  folder.write("classes/pos/0.txt", "yes");
  folder.write("classes/pos/1.txt", "oh yes");
  folder.write("classes/neg/0.txt", "no");
  folder.write("classes/neg/1.txt", "never");
  const std::string corpus =
      folder.write("corpus.txt", "the cat and the dog\nand the cow\n\nthe end\n");
  const std::string held = folder.write("held.txt", "the cat and a mouse and the end\n");
  const std::string ops = folder.write("ops.tsv",
                                       "Source\tTarget\n[MAX 1 2 ]\t2\n[MIN 4 3 ]\t3\n"
                                       "[SM 9 9 ]\t8\n[MED 1 5 7 ]\t5\n");
  std::string table = "label,a,b,c,d\n";
  for (int i = 0; i < 6; ++i) {
    table += std::to_string(i % 2) + "," + std::to_string(40 * i) + ",1,2,255\n";
  }
  const std::string images = folder.write("images.csv", table);
  std::vector<Case> out{
      {"text_classification", {{"path", texts}, {"validation", 0.34}}},
      {"text_classification",
       {{"path", texts}, {"unit", "word"}, {"max_length", 2}, {"validation", 0}}},
      {"text_classification", {{"path", folder.path() + "/classes"}, {"validation", 0.25}}},
      {"text_corpus", {{"path", corpus}, {"sequence_length", 3}, {"columns", 2}}},
      {"text_corpus",
       {{"path", corpus},
        {"unit", "word"},
        {"sequence_length", 2},
        {"columns", 1},
        {"vocabulary", 3},
        {"validation", held}}},
      {"listops", {{"path", ops}, {"max_length", 9}, {"validation_samples", 1}}},
      {"image_classification", {{"path", images}, {"validation", 0.34}}},
      {"image_classification", {{"path", images}, {"validation", 0}, {"patches", 1}}},
  };
  const std::string release = ATTNLAB_SOURCE_DIR "/../shared/data/pathfinder32_sample/pathfinder32";
  if (fs::exists(release)) {
    out.push_back(
        {"pathfinder", {{"path", release}, {"contour_length", 14}, {"validation_samples", 1}}});
  }
  return out;
}

TEST(TaskCache, TheTaskIsTheSameReadOrFound) {
  const Folder folder, cache;
  int n = 0;
  for (const Case& one : cases(folder)) {
    SCOPED_TRACE(one.task + " " + one.options.dump());
    const Seen without = in_a_process(one, "off", folder.path());
    ASSERT_EQ(without.whole.find("no task"), std::string::npos) << without.whole;
    EXPECT_TRUE(without.whole.ends_with("again the same: 1"));
    const std::string place = cache.path() + "/" + std::to_string(++n);
    const Seen cold = in_a_process(one, place, folder.path());
    std::map<std::string, fs::file_time_type> files;
    for (const auto& entry : fs::directory_iterator(place)) {
      if (entry.path().extension() == ".data") files[entry.path()] = entry.last_write_time();
    }
    EXPECT_EQ(files.size(), 1u);
    const Seen warm = in_a_process(one, place, folder.path());
    EXPECT_EQ(cold.whole, without.whole);
    EXPECT_EQ(warm.whole, without.whole);
    for (const auto& [file, time] : files)
      EXPECT_EQ(fs::last_write_time(file), time) << "made again";
    for (const Seen& run : {without, cold, warm}) EXPECT_EQ(run.on_stderr, "");
  }
}

TEST(TaskCache, TheSeedDoesNotSplitWhatIsReadFromFiles) {
  const Folder folder, cache;
  for (const Case& one : cases(folder)) {
    SCOPED_TRACE(one.task + " " + one.options.dump());
    in_a_process(one, cache.path(), folder.path(), 1);
    const auto n_files = [&] {
      return std::distance(fs::directory_iterator(cache.path()), fs::directory_iterator());
    };
    const auto before = n_files();
    in_a_process(one, cache.path(), folder.path(), 2);
    EXPECT_EQ(n_files(), before);
  }
}

TEST(TaskCache, AMistakeInTheDataIsTheSameSentenceTwice) {
  const Folder folder, cache;
  const Case one{"text_classification", {{"path", folder.write("bad.tsv", "pos\tgood\nneg\n")}}};
  const Seen first = in_a_process(one, cache.path(), folder.path());
  const Seen second = in_a_process(one, cache.path(), folder.path());
  EXPECT_NE(first.whole.find("bad.tsv:2"), std::string::npos) << first.whole;
  EXPECT_EQ(first.whole, second.whole);
}

}  // namespace
}  // namespace attnlab

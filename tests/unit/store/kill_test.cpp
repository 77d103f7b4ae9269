// kill_test.cpp: a writer that is killed at a random moment loses nothing that it called finished.
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <random>

#include "store_fixture.hpp"

namespace attnlab {
namespace {

using Kill = StoreTest;

// Adds and commits trials first, first + 1, ... and tells the pipe after each commit how many are
// finished.
[[noreturn]] void write_for_ever(const std::filesystem::path& dir, Index first, int pipe) {
  auto writer = SegmentWriter::create(dir, 0, 30);
  if (!writer) ::_exit(1);
  for (Index n = first;; ++n) {
    FinishedTrial trial = made::trial(n % 1000);
    trial.settings["n"] = n;
    trial.id = id_of(trial.settings);
    if (!writer->add(std::move(trial)) || (n % 3 == 0 && !writer->commit())) ::_exit(1);
    if (n % 3 == 0 && ::write(pipe, &n, sizeof n) != sizeof n) ::_exit(1);
  }
}

TEST_F(Kill, AtFortyRandomMomentsLosesNoFinishedTrial) {
  if (std::filesystem::is_directory(
          "/dev/shm")) {  // a kill is not a power cut: fsync may be free here
    std::string pattern = "/dev/shm/attnlab-store-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) dir = std::filesystem::path(pattern) / "run";
  }
  const Outline outline = made::outline(1);
  std::mt19937 random(1);
  Index first = 0;
  std::vector<Index> finished_before;
  for (int kill = 0; kill < 40; ++kill) {
    { const RunDirectory run = open_run(outline); }
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) write_for_ever(dir, first, ends[1]);
    ::close(ends[1]);
    Index last = -1, told = -1;
    ASSERT_EQ(::read(ends[0], &told, sizeof told), static_cast<ssize_t>(sizeof told))
        << "never wrote";
    last = told;
    ::usleep(static_cast<useconds_t>(random() % 20000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    while (::read(ends[0], &told, sizeof told) == sizeof told) last = told;
    ::close(ends[0]);

    const RunDirectory run = open_run(outline);
    EXPECT_TRUE(run.warnings().empty()) << run.warnings().front();
    for (Index n = first; n <= last; ++n) finished_before.push_back(n);
    for (const Index n : finished_before) {
      Settings settings = made::settings(n % 1000);
      settings["n"] = n;
      ASSERT_TRUE(run.finished().contains(id_of(settings)))
          << "trial " << n << " after kill " << kill;
    }
    first = last + 1;
  }
  EXPECT_EQ(verify(dir)->wrong, 0);
  if (dir.parent_path() != scratch) std::filesystem::remove_all(dir.parent_path());
}

}  // namespace
}  // namespace attnlab

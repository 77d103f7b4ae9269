// run_directory_test.cpp: which folders are ours, what is refused, and what continuing finds.
#include <fcntl.h>
#include <sys/file.h>

#include "store_fixture.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;
using RunDirectoryTest = StoreTest;

Blame blame_of(const Result<RunDirectory>& run) { return run.errors().front().blame; }

TEST_F(RunDirectoryTest, IsMadeWithItsFilesAndFolders) {
  const RunDirectory run = open_run(made::outline(3));
  EXPECT_EQ(text_of(dir / "grid.yaml"), made::outline(3).text);
  for (const char* name : {"grid.resolved.yaml", "segments", "checkpoints", "journal", "log"}) {
    EXPECT_TRUE(fs::exists(dir / name)) << name;
  }
  EXPECT_TRUE(run.finished().empty());
  EXPECT_TRUE(run.warnings().empty());
  const auto origin = read_origin(dir);
  ASSERT_TRUE(origin) << said(origin.errors());
  EXPECT_EQ(origin->name, "made-up");
  EXPECT_EQ(origin->folder, "/somewhere");
  EXPECT_EQ(origin->text, made::outline(3).text);
}

TEST_F(RunDirectoryTest, ContinuesWithWhatIsFinished) {
  const Outline outline = made::outline(5);
  {
    const RunDirectory run = open_run(outline);
    write(0, 3);
  }
  const RunDirectory run = open_run(outline);
  ASSERT_EQ(run.finished().size(), 3u);
  EXPECT_EQ(run.finished().at(made::trial(2).id).status, TrialStatus::diverged);
  EXPECT_EQ(run.finished().at(made::trial(1).id).error, made::trial(1).error);
}

TEST_F(RunDirectoryTest, RefusesForeignFilesAndLeavesThemAlone) {
  fs::create_directory(dir);
  put(dir / "thesis.tex", "x");
  EXPECT_FALSE(RunDirectory::may_open(dir, made::outline(1)));
  const auto run = RunDirectory::open(dir, made::outline(1), false);
  ASSERT_FALSE(run);
  EXPECT_EQ(blame_of(run), Blame::user);
  EXPECT_NE(said(run.errors()).find("thesis.tex"), std::string::npos);
  EXPECT_FALSE(fs::exists(dir / "journal"));
  EXPECT_FALSE(RunDirectory::open(dir, made::outline(1), true));
  EXPECT_TRUE(fs::exists(dir / "thesis.tex"));
}

TEST_F(RunDirectoryTest, RefusesAnotherGridByBothNames) {
  { const RunDirectory run = open_run(made::outline(1, "first")); }
  const auto run = RunDirectory::open(dir, made::outline(1, "second"), false);
  ASSERT_FALSE(run);
  EXPECT_EQ(blame_of(run), Blame::user);
  EXPECT_NE(said(run.errors()).find("'first'"), std::string::npos);
  EXPECT_NE(said(run.errors()).find("'second'"), std::string::npos);
  EXPECT_EQ(text_of(dir / "grid.yaml"), made::outline(1, "first").text);
}

TEST_F(RunDirectoryTest, RefusesAFileAnEmptyNameAndADanglingLink) {
  put(dir, "a file");
  for (const fs::path& path : {dir, fs::path()}) {
    const auto run = RunDirectory::open(path, made::outline(1), false);
    ASSERT_FALSE(run);
    EXPECT_EQ(blame_of(run), Blame::user);
  }
  fs::create_symlink(scratch / "nowhere", scratch / "link");
  EXPECT_FALSE(RunDirectory::open(scratch / "link", made::outline(1), false));
}

TEST_F(RunDirectoryTest, ThatCannotBeMadeIsTheMachine) {
  put(scratch / "file", "x");
  const auto run = RunDirectory::open(scratch / "file" / "run", made::outline(1), false);
  ASSERT_FALSE(run);
  EXPECT_EQ(blame_of(run), Blame::machine);
  const auto proc = RunDirectory::open("/proc/attnlab-run", made::outline(1), false);
  ASSERT_FALSE(proc);
  EXPECT_EQ(blame_of(proc), Blame::machine);
}

TEST_F(RunDirectoryTest, FreshMovesTheOldContentAside) {
  {
    const RunDirectory run = open_run(made::outline(4));
    write(0, 4);
  }
  {
    const RunDirectory run = open_run(made::outline(4), true);
    EXPECT_TRUE(run.finished().empty());
  }
  { const RunDirectory run = open_run(made::outline(2, "other"), true); }
  EXPECT_TRUE(fs::exists(scratch / "run.old-1" / "segments"));
  EXPECT_TRUE(fs::exists(scratch / "run.old-2" / "grid.yaml"));
  std::vector<std::string> warnings;
  EXPECT_EQ(read_journal(scratch / "run.old-1", warnings)->size(), 4u);
  EXPECT_EQ(read_origin(dir)->name, "other");
}

TEST_F(RunDirectoryTest, FreshThroughALinkLeavesTheLink) {
  { const RunDirectory run = open_run(made::outline(1)); }
  fs::create_directory_symlink("run", scratch / "link");
  dir = scratch / "link";
  { const RunDirectory run = open_run(made::outline(1), true); }
  EXPECT_TRUE(fs::is_symlink(dir));
  EXPECT_TRUE(fs::exists(scratch / "run" / "grid.yaml"));
  EXPECT_TRUE(fs::exists(scratch / "run.old-1" / "grid.yaml"));
}

TEST_F(RunDirectoryTest, FreshInTheWorkingFolderMakesANewOne) {
  { const RunDirectory run = open_run(made::outline(1)); }
  const fs::path before = fs::current_path(), absolute = dir;
  fs::current_path(dir);
  dir = ".";
  { const RunDirectory run = open_run(made::outline(1), true); }
  fs::current_path(before);
  EXPECT_TRUE(fs::exists(absolute / "grid.yaml"));
  EXPECT_TRUE(fs::exists(scratch / "run.old-1" / "grid.yaml"));
}

TEST_F(RunDirectoryTest, ThatHasOnlyBegunIsNoDamage) {
  { const RunDirectory run = open_run(made::outline(2)); }
  EXPECT_FALSE(has_only_begun(dir));
  for (const char* name : {"grid.resolved.yaml", "grid.yaml", "log/trials.txt"}) {
    fs::remove(dir / name);
    EXPECT_TRUE(has_only_begun(dir));
    EXPECT_EQ(verify(dir)->wrong, 0);
  }
  put(dir / "thesis.tex", "x");
  EXPECT_FALSE(has_only_begun(dir));
  fs::remove(dir / "thesis.tex");
  put(dir / "grid.yaml", "name: made-up, before it was mended");
  { const RunDirectory run = open_run(made::outline(2)); }
  EXPECT_FALSE(has_only_begun(dir));
  write(0, 2);
  fs::remove(dir / "grid.resolved.yaml");
  EXPECT_FALSE(has_only_begun(dir));
  EXPECT_FALSE(has_only_begun(scratch));
}

TEST_F(RunDirectoryTest, FreshOnANewFolderMovesNothing) {
  const RunDirectory run = open_run(made::outline(1), true);
  EXPECT_FALSE(fs::exists(scratch / "run.old-1"));
}

TEST_F(RunDirectoryTest, LeftoversOfARunThatDiedEarlyAreOurs) {
  fs::create_directories(dir / "segments");
  put(dir / "segments" / ".r00000-x.h5.tmp", "half");
  put(dir / ".grid.yaml.tmp", "half");
  const RunDirectory run = open_run(made::outline(1));
  EXPECT_FALSE(fs::exists(dir / "segments" / ".r00000-x.h5.tmp"));
  EXPECT_FALSE(fs::exists(dir / ".grid.yaml.tmp"));
}

TEST_F(RunDirectoryTest, ASecondRunIsRefusedWithASentence) {
  const Outline outline = made::outline(1);
  const RunDirectory run = open_run(outline);
  for (const bool fresh : {false, true}) {
    const auto second = RunDirectory::open(dir, outline, fresh);
    ASSERT_FALSE(second);
    EXPECT_EQ(blame_of(second), Blame::user);
    EXPECT_NE(
        said(second.errors()).find("process " + std::to_string(::getpid()) + " on " + host_name()),
        std::string::npos)
        << said(second.errors());
  }
  EXPECT_FALSE(fs::exists(scratch / "run.old-1"));
}

TEST_F(RunDirectoryTest, ATrailingSlashIsTheSameFolder) {
  { const RunDirectory run = open_run(made::outline(1)); }
  dir = dir / "";
  { const RunDirectory run = open_run(made::outline(1), true); }
  EXPECT_TRUE(fs::exists(scratch / "run.old-1"));
}

}  // namespace
}  // namespace attnlab

// damage_test.cpp: torn, flipped and missing bytes are found, named, and cost only the trials they
// held.
#include <sys/resource.h>

#include <csignal>

#include "store/h5.hpp"
#include "store/journal.hpp"
#include "store/mend.hpp"
#include "store_fixture.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;
using Damage = StoreTest;

TEST_F(Damage, ATornLastJournalLineIsIgnored) {
  const Outline outline = made::outline(4);
  {
    const RunDirectory run = open_run(outline);
    write(0, 4);
  }
  const fs::path journal = files_in("journal", ".log").front();
  const std::string whole = text_of(journal);
  for (std::size_t cut = 1; cut < 40; ++cut) {
    put(journal, whole.substr(0, whole.size() - cut));
    std::vector<std::string> warnings;
    EXPECT_EQ(read_journal(dir, warnings)->size(), 3u);
    EXPECT_TRUE(warnings.empty());
  }
}

TEST_F(Damage, EveryFlippedByteOfTheJournalIsFound) {
  const Outline outline = made::outline(3);
  const RunDirectory run = open_run(outline);
  write(0, 3);
  const fs::path journal = files_in("journal", ".log").front();
  const std::string whole = text_of(journal);
  const std::size_t second_line = whole.find('\n') + 1;
  const std::size_t length = whole.find('\n', second_line) - second_line;
  for (std::size_t at = second_line; at < second_line + length; ++at) {
    std::string hurt = whole;
    hurt[at] = static_cast<char>(hurt[at] ^ 1);
    put(journal, hurt);
    std::vector<std::string> warnings;
    const auto entries = read_journal(dir, warnings);
    // A flip in the hex digits of the checksum may only change their case; then nothing is lost.
    if (entries->size() == 3u) continue;
    EXPECT_EQ(entries->size(), 2u);
    ASSERT_GE(warnings.size(), 1u) << at;
    EXPECT_NE(warnings.front().find(journal.string() + ":2:"), std::string::npos)
        << warnings.front();
  }
}

TEST_F(Damage, ADamagedOrMissingSegmentCostsItsOwnTrials) {
  const Outline outline = made::outline(9);
  {
    const RunDirectory run = open_run(outline);
    write(0, 9, 3);
  }
  const auto segments = files_in("segments", ".h5");
  ASSERT_EQ(segments.size(), 3u);
  flip(segments[1], text_of(segments[1]).size() / 2);
  fs::remove(segments[2]);
  EXPECT_EQ(verify(dir)->wrong, 2);
  {
    const RunDirectory run = open_run(outline);
    EXPECT_EQ(run.finished().size(), 3u);
    ASSERT_EQ(run.warnings().size(), 2u);
    EXPECT_NE(run.warnings()[0].find(segments[1].filename().string()), std::string::npos);
    EXPECT_NE(run.warnings()[1].find("missing"), std::string::npos);
    ok(merge(dir, outline, made::facts(), {}));
    EXPECT_EQ(read_table(dir / "results.h5")->rows.size(), 3u);
    write(3, 9);  // trained again
    ok(merge(dir, outline, made::facts(), {}));
  }
  EXPECT_EQ(read_table(dir / "results.h5")->rows.size(), 9u);
}

TEST_F(Damage, IsPutAsideSoThatAMendedRunIsSoundAgain) {
  const Outline outline = made::outline(9);
  {
    const RunDirectory run = open_run(outline);
    write(0, 6, 3);
    write(6, 9, 3);
  }
  auto journals = files_in("journal", ".log");
  ASSERT_EQ(journals.size(), 2u);
  if (text_of(journals[0]).size() < text_of(journals[1]).size())
    std::swap(journals[0], journals[1]);
  const std::string other = text_of(journals[1]);
  const fs::path segment = dir / "segments" / (journals[0].stem().string() + "-000001.h5");
  flip(journals[0], 20);  // the line of trial 0
  flip(segment, text_of(segment).size() / 2);
  const std::string damaged = text_of(journals[0]);
  const std::vector<std::string_view> lines = complete_lines(damaged);
  EXPECT_EQ(verify(dir)->wrong, 2);
  {
    const RunDirectory run = open_run(outline);
    EXPECT_EQ(run.finished().size(), 5u);
    EXPECT_EQ(run.warnings().size(), 2u);
    write(0, 1);  // trained again
    write(3, 6);
    ok(merge(dir, outline, made::facts(), {}));
  }
  EXPECT_EQ(verify(dir)->wrong, 0);
  EXPECT_EQ(verify(dir)->missing, 0);
  EXPECT_TRUE(open_run(outline).warnings().empty());
  const std::string kept = text_of(journals[0]),
                    taken = text_of(journals[0].string() + ".damaged-1");
  EXPECT_EQ(complete_lines(kept), (std::vector{lines[1], lines[2]}));
  EXPECT_EQ(complete_lines(taken), (std::vector{lines[0], lines[3], lines[4], lines[5]}));
  EXPECT_EQ(text_of(journals[1]), other);
  EXPECT_FALSE(fs::exists(segment));
  EXPECT_TRUE(fs::exists(segment.string() + ".damaged"));
}

TEST_F(Damage, ATrialThatTwoLinesNameIsFoundAndMended) {
  const Outline outline = made::outline(4);
  {
    const RunDirectory run = open_run(outline);
    write(0, 4);
  }
  const fs::path journal = files_in("journal", ".log").front();
  const std::string whole = text_of(journal);
  EXPECT_EQ(verify(dir)->wrong, 0);
  for (const std::string& doubled :
       {whole + whole.substr(0, whole.find('\n') + 1), whole + whole}) {
    put(journal, doubled);
    EXPECT_EQ(verify(dir)->wrong, 1);
    {
      const RunDirectory run = open_run(outline);
      EXPECT_EQ(run.finished().size(), 4u);
      ASSERT_EQ(run.warnings().size(), 1u);
      EXPECT_NE(run.warnings()[0].find("named more than once"), std::string::npos);
    }
    EXPECT_EQ(text_of(journal), whole);
    EXPECT_EQ(verify(dir)->wrong, 0);
  }
}

TEST_F(Damage, ASegmentThatCannotBeReadNowStaysWithItsLines) {
  const Outline outline = made::outline(3);
  {
    const RunDirectory run = open_run(outline);
    write(0, 3);
  }
  const fs::path segment = files_in("segments", ".h5").front();
  const std::string bytes = text_of(segment);
  fs::remove(segment);
  fs::create_symlink(segment, segment);  // too many levels of links: not a file that is gone
  EXPECT_EQ(open_run(outline).finished().size(), 0u);
  fs::remove(segment);
  put(segment, bytes);
  EXPECT_EQ(open_run(outline).finished().size(), 3u);
}

TEST_F(Damage, PutAsideHalfWayIsPutAsideByTheNextRun) {
  const Outline outline = made::outline(3);
  {
    const RunDirectory run = open_run(outline);
    write(0, 3);
  }
  const fs::path segment = files_in("segments", ".h5").front();
  fs::rename(segment, segment.string() + ".damaged");  // and killed
  EXPECT_EQ(verify(dir)->wrong, 1);
  EXPECT_EQ(open_run(outline).finished().size(), 0u);
  EXPECT_EQ(verify(dir)->wrong, 0);
}

TEST_F(Damage, PuttingItAsideLeavesLinesThatAreYoungerThanTheLook) {
  const Outline outline = made::outline(3);
  {
    const RunDirectory run = open_run(outline);
    write(0, 3);
    ok(put_damage_aside(dir, {}, {}));  // a look that saw nothing yet
  }
  EXPECT_EQ(open_run(outline).finished().size(), 3u);
}

TEST_F(Damage, AResultsFileThatIsGoneAfterDONEIsFound) {
  const Outline outline = made::outline(3);
  const RunDirectory run = open_run(outline);
  write(0, 3);
  EXPECT_EQ(verify(dir)->wrong, 0);  // not made yet
  put(dir / "DONE", "");
  EXPECT_EQ(verify(dir)->wrong, 1);
}

TEST_F(Damage, ATruncatedSegmentIsNamed) {
  const RunDirectory run = open_run(made::outline(3));
  write(0, 3);
  fs::resize_file(files_in("segments", ".h5").front(), 100);
  const auto verdict = verify(dir);
  EXPECT_EQ(verdict->wrong, 1);
  EXPECT_EQ(verdict->missing, 3);
}

TEST_F(Damage, VerifyFindsAFlippedNumberInALoneResultsFile) {
  const Outline outline = made::outline(9);
  const RunDirectory run = open_run(outline);
  write(0, 9);
  ok(merge(dir, outline, made::facts(), {}));
  EXPECT_EQ(verify(dir)->wrong, 0);
  EXPECT_EQ(verify(dir / "results.h5")->wrong, 0);
  const fs::path copy = scratch / "copy.h5";
  const std::string whole = text_of(dir / "results.h5");
  int n_found = 0;
  const int n_tried = 60;
  for (int i = 0; i < n_tried; ++i) {
    fs::copy_file(dir / "results.h5", copy, fs::copy_options::overwrite_existing);
    flip(copy, whole.size() / n_tried * static_cast<std::size_t>(i) + 40);
    const auto verdict = verify(copy);
    ASSERT_TRUE(verdict);
    if (verdict->wrong > 0) ++n_found;
  }
  // Most of a small file is unused space of HDF5's heaps, where a flip changes nothing.
  EXPECT_GT(n_found, 5);
  fs::resize_file(copy, whole.size() / 2);
  EXPECT_GT(verify(copy)->wrong, 0);
  put(copy, "not HDF5");
  EXPECT_GT(verify(copy)->wrong, 0);
  EXPECT_FALSE(read_table(copy));
}

TEST_F(Damage, OfRecordsThatContradictThemselvesIsAnError) {
  const RunDirectory run = open_run(made::outline(3));
  SegmentWriter out = writer();
  FinishedTrial trial = made::trial(0);
  std::get<std::vector<double>>(trial.records.series[0].values).pop_back();
  const auto added = out.add(trial);
  ASSERT_FALSE(added);
  EXPECT_NE(said(added.errors()).find("loss has 4 numbers"), std::string::npos);
  trial = made::trial(0);
  trial.records.series[0].name = "head";
  EXPECT_FALSE(out.add(trial));
  trial = made::trial(0);
  trial.records.series[0].axes = {"recrod"};
  EXPECT_FALSE(out.add(trial));
}

TEST_F(Damage, InvalidUtf8InAnErrorDoesNotBreakTheFile) {
  const Outline outline = made::outline(2);
  const RunDirectory run = open_run(outline);
  FinishedTrial trial = made::trial(1);
  trial.error = std::string("bad \xff byte") + '\0' + "end";
  SegmentWriter out = writer();
  ok(out.add(std::move(trial)));
  ok(out.commit());
  ok(merge(dir, outline, made::facts(), {}));
  EXPECT_EQ(read_table(dir / "results.h5")->rows[0].error, "bad \uFFFD byte end");
}

// A limit on the size of files stands for a full disk: the same calls fail, with another number.
class Limit {
 public:
  explicit Limit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small = before_;
    small.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~Limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(Damage, AFullDiskLosesNothingAndTheRetryWorks) {
  const Outline outline = made::outline(6);
  const RunDirectory run = open_run(outline);
  write(0, 3);
  SegmentWriter out = writer(1);
  for (Index n = 3; n < 6; ++n) ok(out.add(made::trial(n)));
  {
    const Limit limit(1000);
    const auto committed = out.commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.errors().front().blame, Blame::machine);
    EXPECT_NE(said(committed.errors()).find("file-size limit"), std::string::npos)
        << said(committed.errors());
    const auto merged = merge(dir, outline, made::facts(), {});
    ASSERT_FALSE(merged);
    EXPECT_EQ(merged.errors().front().blame, Blame::machine);
    EXPECT_NE(said(merged.errors()).find("file-size limit"), std::string::npos)
        << said(merged.errors());
  }
  EXPECT_EQ(files_in("segments", "").size(), 1u) << "no half segment stays";
  EXPECT_EQ(files_in("", ".tmp").size(), 0u) << "no half results stay";
  EXPECT_EQ(verify(dir)->wrong, 0);
  ok(out.commit());
  ok(merge(dir, outline, made::facts(), {}));
  EXPECT_EQ(verify(dir)->wrong, 0);
  EXPECT_EQ(verify(dir)->missing, 0);
}

}  // namespace
}  // namespace attnlab

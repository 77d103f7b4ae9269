// crash_marks_test.cpp: what dying processes wrote adds up, whatever they left unfinished.
#include "store/crash_marks.hpp"

#include "store_fixture.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

class CrashMarks : public StoreTest {
 protected:
  CrashMarks() { fs::create_directories(dir / "log"); }
  const TrialId a{0x1}, b{0xfedcba9876543210};
};

TEST_F(CrashMarks, AddUpOverProcesses) {
  EXPECT_TRUE(crashes_of(dir).empty());
  ok(add_crash_mark(dir / "log/crashes-1.txt", crash_mark(a, 3, "died of SIGSEGV")));
  ok(add_crash_mark(dir / "log/crashes-1.txt", crash_mark(b, -1, "ended itself with exit(0)")));
  ok(add_crash_mark(dir / "log/crashes-2.txt", crash_mark(a, 7, "died of SIGABRT")));
  put(dir / "log/crashes-3.txt", to_string(b) + " near 12 died of SIGFPE\n");
  const auto crashes = crashes_of(dir);
  ASSERT_EQ(crashes.size(), 2u);
  EXPECT_EQ(crashes.at(a).certain, 2);
  EXPECT_EQ(crashes.at(a).near, 0);
  EXPECT_EQ(crashes.at(a).step, 7);
  EXPECT_EQ(crashes.at(a).how, "died of SIGABRT");
  EXPECT_EQ(crashes.at(b).certain, 1);
  EXPECT_EQ(crashes.at(b).near, 1);
  EXPECT_EQ(crashes.at(b).step, -1);
  EXPECT_EQ(crashes.at(b).how, "ended itself with exit(0)");
}

TEST_F(CrashMarks, TornAndForeignLinesDoNotCount) {
  put(dir / "log/crashes-1.txt", "0000000000000001 certain 3 died of SIGSEGV\n00000000000000");
  put(dir / "log/crashes-2.txt", "\nthe quick brown fox jumps\n1 certain 3 died\n" + to_string(a) +
                                     " certain\n" + to_string(a) + " perhaps 3 died\n");
  put(dir / "log/trials.txt", crash_mark(b, 3, "died of SIGSEGV"));
  const auto crashes = crashes_of(dir);
  ASSERT_EQ(crashes.size(), 1u);
  EXPECT_EQ(crashes.at(a).certain, 1);
}

TEST_F(CrashMarks, StayUntilTheirTrialsAreFinished) {
  ok(add_crash_mark(dir / "log/crashes-1.txt", crash_mark(a, 3, "died of SIGSEGV")));
  ok(add_crash_mark(dir / "log/crashes-2.txt", crash_mark(a, 3, "died of SIGSEGV")));
  ok(add_crash_mark(dir / "log/crashes-2.txt", crash_mark(b, 3, "died of SIGSEGV")));
  remove_crash_marks(dir, std::vector{a});
  EXPECT_FALSE(fs::exists(dir / "log/crashes-1.txt"));
  EXPECT_EQ(crashes_of(dir).at(b).certain, 1);
  remove_crash_marks(dir, std::vector{b, a});
  EXPECT_TRUE(crashes_of(dir).empty());
}

TEST_F(CrashMarks, ThatCannotBeWrittenAreAnError) {
  EXPECT_FALSE(add_crash_mark(dir / "nowhere/crashes-1.txt", crash_mark(a, 3, "died")));
}

}  // namespace
}  // namespace attnlab

// pack_test.cpp: what was added is found, from memory and from a file; locks end.
#include "reading/pack.hpp"

#include "reading/cache_file.hpp"
#include "reading/facts.hpp"
#include "unit/reading/children.hpp"

namespace reading {
namespace {

Pack some_pack() {
  Pack out;
  out.add("ids", std::vector<std::int32_t>{3, -1, 4});
  out.add("bytes", std::string("a\0b", 3));
  out.add("nothing", std::vector<double>{});
  out.add_number("count", -7);
  out.add_texts("words", {"one", "", "three"});
  return out;
}

void expect_some_pack(const Pack& pack) {
  EXPECT_EQ(
      std::vector(pack.items<std::int32_t>("ids").begin(), pack.items<std::int32_t>("ids").end()),
      (std::vector<std::int32_t>{3, -1, 4}));
  EXPECT_EQ(pack.text("bytes"), std::string_view("a\0b", 3));
  EXPECT_TRUE(pack.items<double>("nothing").empty());
  EXPECT_EQ(pack.number("count"), -7);
  ASSERT_EQ(pack.texts("words").size(), 3);
  EXPECT_EQ(pack.texts("words")[0], "one");
  EXPECT_EQ(pack.texts("words")[1], "");
  EXPECT_EQ(pack.texts("words")[2], "three");
}

TEST(Pack, HoldsWhatWasAdded) { expect_some_pack(some_pack()); }

TEST(Pack, SaysWhatItLacks) {
  const Pack pack = some_pack();
  EXPECT_THROW(pack.number("absent"), attnlab::Failure);
  EXPECT_THROW(pack.items<double>("ids"), attnlab::Failure);
  EXPECT_THROW(pack.number("ids"), attnlab::Failure);
}

TEST(CacheFile, GivesBackWhatWasWritten) {
  const Folder folder;
  const fs::path file = folder.path() / "some.data";
  ASSERT_EQ(write_cache_file(file, "the key", some_pack()), "");
  const Opened opened = open_cache_file(file, "the key");
  ASSERT_TRUE(opened.pack) << opened.fault;
  fs::remove(file);  // the pages stay
  expect_some_pack(*opened.pack);
}

TEST(CacheFile, IsNotOpenedForAnotherKey) {
  const Folder folder;
  const fs::path file = folder.path() / "some.data";
  ASSERT_EQ(write_cache_file(file, "the key", some_pack()), "");
  EXPECT_EQ(open_cache_file(file, "another").fault, "is of other data");
  EXPECT_EQ(open_cache_file(folder.path() / "absent", "the key").fault, "");
  EXPECT_FALSE(open_cache_file(folder.path() / "absent", "the key").pack);
}

TEST(CacheFile, NoFlippedBitGoesUnnoticed) {
  const Folder folder;
  const fs::path file = folder.path() / "some.data";
  ASSERT_EQ(write_cache_file(file, "the key", some_pack()), "");
  const std::string whole = content_of(file);
  ASSERT_TRUE(open_cache_file(file, "the key").pack);
  for (std::size_t i = 0; i < whole.size(); i += i < 128 ? 1 : 5) {
    if (i >= 48 && i < 64) continue;  // zeros of the header, which nobody reads
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    overwrite(file, damaged);
    ASSERT_FALSE(open_cache_file(file, "the key").pack) << i;
  }
}

TEST(FileLock, EndsItsWait) {
  const Folder folder;
  const fs::path file = folder.path() / "some.lock";
  const FileLock first(file, 0);
  EXPECT_EQ(first.state(), FileLock::State::held);
  const auto begin = std::chrono::steady_clock::now();
  const FileLock second(file, 0.1);
  EXPECT_EQ(second.state(), FileLock::State::late);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
}

TEST(FileLock, SaysWhyItIsImpossible) {
  const FileLock lock("/proc/no-such-folder/lock", 1);
  EXPECT_EQ(lock.state(), FileLock::State::impossible);
  EXPECT_NE(lock.reason(), "");
}

TEST(Facts, NameTheBuildOfThisProgram) {
  EXPECT_GE(build_of_this_library().size(), 16u);
  EXPECT_EQ(build_of_this_library().find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Facts, TellAbsentFilesFromEmptyOnes) {
  const Folder folder;
  const fs::path file = folder.path() / "file";
  const std::string absent = facts_of({file});
  folder.write("file", "");
  EXPECT_NE(facts_of({file}), absent);
  EXPECT_EQ(facts_of({file}), facts_of({file}));
}

}  // namespace
}  // namespace reading

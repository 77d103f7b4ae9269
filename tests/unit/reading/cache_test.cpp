// cache_test.cpp: data are made once for all threads and processes, and anew when anything changed.
#include "reading/cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "unit/reading/children.hpp"

namespace reading {
namespace {

struct Cache : testing::Test {
  Folder folder;
  fs::path cache = folder.path() / "cache";
  fs::path data = folder.write("data.txt", "some text");

  Recipe recipe(const std::string& choices = "") const { return {"test", {data}, choices}; }

  // The text of the data and the name of the process that read it.
  static Pack made_from(const Recipe& recipe) {
    Pack out;
    out.add("text", content_of(recipe.files[0]));
    out.add_number("reader", ::getpid());
    return out;
  }
  // What a process of its own finds: "TEXT by PROCESS".
  Told found(const Recipe& wanted, const std::string& where) const {
    return in_a_child([&] {
      ::setenv("ATTNLAB_CACHE", where.c_str(), 1);
      const auto pack = prepared(wanted, [&] { return made_from(wanted); });
      return std::string(pack->text("text")) + " by " +
             (pack->number("reader") == ::getpid() ? "me" : "another");
    });
  }
  Told found(const Recipe& wanted) const { return found(wanted, cache.string()); }
  fs::path only_file() const { return files_with(cache, ".data").at(0); }
};

TEST_F(Cache, TheFirstProcessReadsAndTheOthersFind) {
  EXPECT_EQ(found(recipe()).answer, "some text by me");
  EXPECT_EQ(found(recipe()).answer, "some text by another");
  EXPECT_EQ(found(recipe()).on_stderr, "");
  EXPECT_EQ(files_with(cache, ".data").size(), 1u);
}

TEST_F(Cache, OffKeepsNothing) {
  EXPECT_EQ(found(recipe(), "off").answer, "some text by me");
  EXPECT_EQ(found(recipe(), "off").answer, "some text by me");
  EXPECT_FALSE(fs::exists(cache));
}

TEST_F(Cache, OtherChoicesAndOtherFilesAreOtherData) {
  found(recipe("limit 1"));
  EXPECT_EQ(found(recipe("limit 2")).answer, "some text by me");
  EXPECT_EQ(found({"other", {data}, "limit 1"}).answer, "some text by me");
  EXPECT_EQ(found({"test", {data, folder.path() / "absent"}, "limit 1"}).answer, "some text by me");
  EXPECT_EQ(found(recipe("limit 1")).answer, "some text by another");
}

TEST_F(Cache, AChangedFileIsReadAnew) {
  found(recipe());
  folder.write("data.txt", "new words");  // as long as before
  EXPECT_EQ(found(recipe()).answer, "new words by me");
  EXPECT_EQ(found(recipe()).answer, "new words by another");
}

TEST_F(Cache, AFileThatGoesBackInTimeIsReadAnew) {
  const auto time = fs::last_write_time(data);
  found(recipe());
  folder.write("data.txt", "new words");
  fs::last_write_time(data, time);
  EXPECT_EQ(found(recipe()).answer, "new words by me");
}

TEST_F(Cache, ANewFileInAFolderIsReadAnew) {
  folder.write("set/a/1.txt", "one");
  const Recipe wanted{"test", {data, folder.path() / "set"}, ""};
  found(wanted);
  EXPECT_EQ(found(wanted).answer, "some text by another");
  folder.write("set/a/2.txt", "two");
  EXPECT_EQ(found(wanted).answer, "some text by me");
}

TEST_F(Cache, FilesThatChangeWhileTheyAreReadAreNotKept) {
  const Told first = in_a_child([&] {
    ::setenv("ATTNLAB_CACHE", cache.c_str(), 1);
    const auto pack = prepared(recipe(), [&] {
      Pack out = made_from(recipe());
      folder.write("data.txt", "other words by far");
      return out;
    });
    return std::string(pack->text("text"));
  });
  EXPECT_EQ(first.answer, "some text");
  EXPECT_NE(first.on_stderr.find("changed while they were read"), std::string::npos);
  EXPECT_TRUE(files_with(cache, ".data").empty());
  EXPECT_EQ(found(recipe()).answer, "other words by far by me");
}

TEST_F(Cache, ADamagedFileIsNamedAndMadeAnew) {
  found(recipe());
  const fs::path file = only_file();
  const std::string whole = content_of(file);
  for (const std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{13}, std::size_t{20},
                               std::size_t{70}, whole.size() - 64}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    overwrite(file, damaged);
    const Told told = found(recipe());
    EXPECT_EQ(told.answer, "some text by me") << at;
    EXPECT_NE(told.on_stderr.find(file.string() + " is "), std::string::npos) << told.on_stderr;
    EXPECT_NE(told.on_stderr.find("made anew"), std::string::npos) << told.on_stderr;
    EXPECT_EQ(found(recipe()).answer, "some text by another") << at;
  }
}

TEST_F(Cache, AFileThatWasCutOffIsMadeAnewWhereverItEnds) {
  found(recipe());
  const fs::path file = only_file();
  const std::string whole = content_of(file);
  for (std::size_t n = 0; n < whole.size(); n += 37) {
    overwrite(file, whole.substr(0, n));
    ASSERT_EQ(found(recipe()).answer, "some text by me") << n;
  }
  overwrite(file, whole + "more");
  EXPECT_EQ(found(recipe()).answer, "some text by me");
  EXPECT_EQ(found(recipe()).answer, "some text by another");
}

TEST_F(Cache, AFolderThatCannotBeUsedIsToldAndTheDataAreRead) {
  for (const std::string where : {"/proc/no-such-folder", data.c_str()}) {
    const Told told = found(recipe(), where);
    EXPECT_EQ(told.answer, "some text by me");
    EXPECT_NE(told.on_stderr.find(where), std::string::npos) << told.on_stderr;
    EXPECT_NE(told.on_stderr.find("ATTNLAB_CACHE"), std::string::npos) << told.on_stderr;
  }
}

TEST_F(Cache, AFullDiskLeavesNoFile) {
  const Told told = in_a_child([&] {
    ::setenv("ATTNLAB_CACHE", cache.c_str(), 1);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit most{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &most);
    return std::string(prepared(recipe(), [&] { return made_from(recipe()); })->text("text"));
  });
  EXPECT_EQ(told.answer, "some text");
  EXPECT_NE(told.on_stderr.find("cannot be written"), std::string::npos) << told.on_stderr;
  EXPECT_TRUE(files_with(cache, "").size() <= 1);  // the lock
  EXPECT_EQ(found(recipe()).answer, "some text by me");
}

TEST_F(Cache, WhatFailsFailsForEveryProcess) {
  const auto fails = [&] {
    return in_a_child([&]() -> std::string {
      ::setenv("ATTNLAB_CACHE", cache.c_str(), 1);
      try {
        prepared(recipe(), []() -> Pack { throw attnlab::Failure("data.txt:3: no label"); });
      } catch (const attnlab::Failure& failure) {
        return failure.what();
      }
      return "";
    });
  };
  EXPECT_EQ(fails().answer, "data.txt:3: no label");
  EXPECT_EQ(fails().answer, "data.txt:3: no label");
  EXPECT_EQ(found(recipe()).answer, "some text by me");
}

TEST_F(Cache, OfProcessesAtOnceOneReads) {
  std::vector<Child> children;
  for (int i = 0; i < 4; ++i) {
    children.emplace_back([&] {
      ::setenv("ATTNLAB_CACHE", cache.c_str(), 1);
      const auto pack = prepared(recipe(), [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        return made_from(recipe());
      });
      return std::string(pack->number("reader") == ::getpid() ? "read" : "found");
    });
  }
  std::multiset<std::string> answers;
  for (Child& child : children) answers.insert(child.wait().answer);
  EXPECT_EQ(answers, (std::multiset<std::string>{"found", "found", "found", "read"}));
}

TEST_F(Cache, AReaderThatIsKilledHoldsNobodyUp) {
  Child killed([&] {
    ::setenv("ATTNLAB_CACHE", cache.c_str(), 1);
    prepared(recipe(), []() -> Pack {
      std::this_thread::sleep_for(std::chrono::seconds(60));
      return {};
    });
    return std::string();
  });
  while (files_with(cache, ".lock").empty()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  Child waits([&] { return found(recipe()).answer; });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  killed.kill();
  EXPECT_EQ(waits.wait().answer, "some text by me");
}

TEST_F(Cache, OfThreadsAtOnceOneReadsAndAllShare) {
  const Told told = in_a_child([&] {
    ::setenv("ATTNLAB_CACHE", "off", 1);
    std::atomic<int> n_read = 0;
    std::array<std::shared_ptr<const Pack>, 8> packs;
    std::vector<std::thread> threads;
    for (auto& pack : packs) {
      threads.emplace_back([&] {
        pack = prepared(recipe(), [&] {
          ++n_read;
          return made_from(recipe());
        });
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& pack : packs) {
      if (pack != packs[0]) return std::string("not shared");
    }
    return std::to_string(n_read);
  });
  EXPECT_EQ(told.answer, "1");
}

TEST_F(Cache, OnlyTheLastTwoLiveOnWithoutAUser) {
  const Told told = in_a_child([&] {
    ::setenv("ATTNLAB_CACHE", "off", 1);
    std::vector<std::weak_ptr<const Pack>> packs;
    for (const char* choice : {"1", "2", "3"}) {
      packs.push_back(prepared(recipe(choice), [&] { return made_from(recipe(choice)); }));
    }
    std::string out;
    for (const auto& pack : packs) out += pack.expired() ? "gone " : "there ";
    return out;
  });
  EXPECT_EQ(told.answer, "gone there there ");
}

TEST_F(Cache, OldFilesOfTheSamePathAndChoicesGo) {
  for (int i = 0; i < 12; ++i) {
    folder.write("data.txt", "text " + std::to_string(100 + i));
    found(recipe());
  }
  EXPECT_EQ(files_with(cache, ".data").size(), 8u);
  EXPECT_EQ(found(recipe()).answer, "text 111 by another");
}

TEST_F(Cache, ItsFilesAreForTheirOwnerOnly) {
  found(recipe());
  EXPECT_EQ(fs::status(only_file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(CacheFolder, FollowsTheVariables) {
  EXPECT_EQ(cache_folder("/a", "/b", "/c"), "/a");
  EXPECT_EQ(cache_folder("off", "/b", "/c"), "");
  EXPECT_EQ(cache_folder(nullptr, "/b", "/c"), "/b/attnlab");
  EXPECT_EQ(cache_folder("", "relative", "/c"), "/c/.cache/attnlab");
  EXPECT_EQ(cache_folder(nullptr, nullptr, nullptr), "");
  EXPECT_EQ(cache_folder("here", nullptr, nullptr), fs::current_path() / "here");
}

}  // namespace
}  // namespace reading

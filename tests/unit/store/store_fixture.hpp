// store_fixture.hpp: a scratch folder, and short words for opening, writing and merging a run.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "../../support/made_trials.hpp"
#include "store/files.hpp"
#include "store/store.hpp"

namespace attnlab {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "attnlab-store-XXXXXX").string();
    scratch = ::mkdtemp(pattern.data());
    dir = scratch / "run";
  }
  ~StoreTest() override {
    std::error_code wrong;
    std::filesystem::remove_all(scratch, wrong);
  }

  static std::string said(const Errors& errors) {
    std::string text;
    for (const Error& error : errors) text += sentence(error) + "\n";
    return text;
  }
  RunDirectory open_run(const Outline& outline, bool fresh = false) {
    auto run = RunDirectory::open(dir, outline, fresh);
    if (!run) throw std::runtime_error(said(run.errors()));
    return std::move(*run);
  }
  SegmentWriter writer(int rank = 0, double seconds = 30) {
    auto made = SegmentWriter::create(dir, rank, seconds);
    if (!made) throw std::runtime_error(said(made.errors()));
    return std::move(*made);
  }
  // Trials first .. last - 1, `each` to a segment.
  void write(Index first, Index last, Index each = 3, int rank = 0) {
    SegmentWriter out = writer(rank);
    for (Index n = first; n < last; ++n) {
      ok(out.add(made::trial(n)));
      if ((n - first) % each == each - 1) ok(out.commit());
    }
    ok(out.commit());
  }
  static void ok(const Result<Done>& result) { ASSERT_TRUE(result) << said(result.errors()); }
  static void put(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
  }
  static std::string text_of(const std::filesystem::path& file) { return *read_file(file); }
  static void flip(const std::filesystem::path& file, std::size_t at) {
    std::string bytes = text_of(file);
    bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
    put(file, bytes);
  }
  std::vector<std::filesystem::path> files_in(const std::string& folder,
                                              const std::string& ending) {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(dir / folder)) {
      if (entry.path().string().ends_with(ending)) out.push_back(entry.path());
    }
    std::ranges::sort(out);
    return out;
  }

  std::filesystem::path scratch, dir;
};

}  // namespace attnlab

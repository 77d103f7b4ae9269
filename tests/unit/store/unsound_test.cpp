// unsound_test.cpp: content whose checksum is right and whose fields mean nothing is refused too.
#include <cstdio>

#include "base/hash.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/segment.hpp"
#include "store_fixture.hpp"

namespace attnlab {
namespace {

using Unsound = StoreTest;

std::string signed_line(nlohmann::json record) {
  const std::string body = record.dump();
  char crc[10];
  std::snprintf(crc, sizeof crc, "%08x ", crc32(body));
  return crc + body;
}

const nlohmann::json good_line = {
    {"trial", "00000000000000ff"},   {"status", 1},   {"error", ""},
    {"segment", "r0-1.h5"},          {"row", 2},      {"wall_seconds", 0.5},
    {"finished_at", 1.7e9},          {"attempts", 1}, {"bytes", 100},
    {"sha256", std::string(64, 'a')}};

TEST_F(Unsound, AJournalLineWhoseFieldsMeanNothingIsDamaged) {
  ASSERT_TRUE(unframe(signed_line(good_line)));
  const std::pair<const char*, nlohmann::json> spoiled[] = {{"trial", "not an id"},
                                                            {"trial", "ff"},
                                                            {"status", 77},
                                                            {"status", -1},
                                                            {"status", 1.5},
                                                            {"row", 1e300},
                                                            {"bytes", 1e300},
                                                            {"bytes", UINT64_MAX},
                                                            {"attempts", "1"},
                                                            {"segment", "../away"},
                                                            {"segment", nlohmann::json::array()}};
  for (const auto& [field, value] : spoiled) {
    nlohmann::json line = good_line;
    line[field] = value;
    EXPECT_FALSE(unframe(signed_line(line))) << line;
  }
}

TEST_F(Unsound, ACheckpointWhoseHeaderHoldsOtherTypesIsRefused) {
  open_run(made::outline(5));
  const CheckpointFile file(dir, made::trial(0).id, "build");
  const std::string content = "content";
  const nlohmann::json good = {{"trial", to_string(made::trial(0).id)},
                               {"build", "build"},
                               {"attempts", 1},
                               {"step", 7},
                               {"size", content.size()},
                               {"sha256", hex(sha256(content))}};
  const auto write_with = [&](const nlohmann::json& header) {
    const std::string line = header.dump();
    put(file.path(), "attnlab checkpoint 1 " + hex(sha256(line)) + "\n" + line + "\n" + content);
  };
  write_with(good);
  ASSERT_TRUE(file.load());
  for (const char* field : {"step", "attempts", "size"}) {
    for (const nlohmann::json& value : {nlohmann::json(1e300), nlohmann::json("7")}) {
      nlohmann::json header = good;
      header[field] = value;
      write_with(header);
      const auto loaded = file.load();
      ASSERT_FALSE(loaded) << header;
      EXPECT_NE(said(loaded.errors()).find("starts over"), std::string::npos);
    }
  }
}

TEST_F(Unsound, AShapeWithAnAxisOrAKindThatIsUnknownIsRefused) {
  const std::string axes = R"({"axes": [["record", [0, 1], 0, "", "1"]], "series": )";
  EXPECT_NO_THROW(shape_from(axes + R"([["loss", ["record"], 4, "", "1"]]})"));
  EXPECT_THROW(shape_from(axes + R"([["loss", ["step"], 4, "", "1"]]})"), h5::Failure);
  EXPECT_THROW(shape_from(axes + R"([["loss", ["record"], 99, "", "1"]]})"), h5::Failure);
  EXPECT_THROW(shape_from(axes + R"([["loss", ["record"], -1, "", "1"]]})"), h5::Failure);
  EXPECT_THROW(shape_from(R"({"axes": [["record", [1e300], 0, "", "1"]], "series": []})"),
               h5::Failure);
}

TEST_F(Unsound, ASegmentWhoseColumnsDifferInLengthIsRefused) {
  std::filesystem::create_directories(dir);
  const auto file = dir / "odd.h5";
  h5::Image image;
  {
    const h5::Handle table = h5::create_group(image.file(), "trials");
    const auto texts = [&](const char* name, std::vector<std::string> values) {
      const h5::Handle data = h5::create_dataset(
          table, name,
          {.kind = h5::Kind::text, .sizes = {static_cast<Index>(values.size())}, .chunk = {}});
      h5::write_text(data, 0, values);
    };
    texts("id", {"00", "01", "02"});
    texts("error", {""});
    texts("host", {"", "", ""});
    texts("started", {"", "", ""});
  }
  put(file, image.close());
  EXPECT_THROW(Segment(file).rows(), h5::Failure);
}

}  // namespace
}  // namespace attnlab

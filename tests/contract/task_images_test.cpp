// task_images_test.cpp: image_classification reads IDX, CSV and PNG folders as an independent
// reader does, and says what is wrong with damaged ones.
#include <gtest/gtest.h>

#include <cmath>

#include "task_images_reader.hpp"
#include "task_text_files.hpp"

namespace attnlab {
namespace {

using border::Folder;
using border::Sample;
using border::Task;
using nlohmann::json;

void says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::string sentence(const std::string& path, json more = json::object()) {
  more["path"] = path;
  const Task task("image_classification", more);
  EXPECT_FALSE(task.exists()) << task.report();
  return task.sentence();
}

std::string big_endian(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}
std::string idx_images(std::uint32_t n, std::uint32_t rows, std::uint32_t columns) {
  std::string out = big_endian(0x803) + big_endian(n) + big_endian(rows) + big_endian(columns);
  for (std::uint32_t i = 0; i < n * rows * columns; ++i) out += static_cast<char>(i % 251);
  return out;
}
std::string idx_labels(std::uint32_t n) {
  std::string out = big_endian(0x801) + big_endian(n);
  for (std::uint32_t i = 0; i < n; ++i) out += static_cast<char>(i % 3);
  return out;
}

class SharedImages : public testing::Test {
 protected:
  void SetUp() override {
    if (!border::fs::exists(data)) GTEST_SKIP() << data << " is absent";
  }
  const std::string data = ATTNLAB_SOURCE_DIR "/../shared/data";
};

TEST_F(SharedImages, MnistByItsStandardNames) {
  const std::string folder = data + "/mnist";
  const Task task("image_classification", {{"path", folder}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.n_samples[0], 3200);
  EXPECT_EQ(task.shape.n_samples[1], 800);
  EXPECT_EQ(task.shape.outputs, 10);
  EXPECT_EQ(task.shape.max_tokens, 784);
  EXPECT_EQ(task.shape.padded, 0);
  EXPECT_EQ(lines(task), border::reference("idx " + folder + "/train-images-idx3-ubyte.gz " +
                                           folder + "/train-labels-idx1-ubyte.gz"));
  const Task test("image_classification", {{"path", folder}, {"validation", "test"}});
  ASSERT_TRUE(test.exists()) << test.sentence();
  EXPECT_EQ(test.shape.n_samples[0], 4000);
  EXPECT_EQ(test.shape.n_samples[1], 1000);
  says(test.report(), {"0 401, 1 438", "0 82, 1 130", "28 x 28"});
  const Task few("image_classification", {{"path", folder}, {"limit", 100}});
  EXPECT_EQ(few.shape.n_samples[0], 80);
}

TEST_F(SharedImages, DigitsHaveTheLabelLast) {
  const std::string file = data + "/digits/digits.csv.gz";
  const Task task("image_classification", {{"path", file}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.n_samples[0] + task.shape.n_samples[1], 1797);
  EXPECT_EQ(lines(task), border::reference("csv " + file));
  says(task.report(), {"8 x 8", "largest value 16", "skipped: nothing"});
}

TEST_F(SharedImages, PatchesAreRowsOfNumbersFromZeroToOne) {
  const json settings{{"path", data + "/digits/digits.csv.gz"}};
  json in_patches = settings;
  in_patches["patches"] = 4;
  const Task whole("image_classification", settings), task("image_classification", in_patches);
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.input, ATTNLAB_INPUT_DENSE);
  EXPECT_EQ(task.shape.max_tokens, 4);
  EXPECT_EQ(task.shape.input_dim, 16);
  const Sample x = whole.sample(0, 3), y = task.sample(0, 3);
  for (std::size_t t = 0; t < 64; ++t) {
    const std::size_t row = t / 8, column = t % 8;
    const std::size_t patch = row / 4 * 2 + column / 4, place = row % 4 * 4 + column % 4;
    EXPECT_EQ(y.inputs[patch * 16 + place], x.tokens[t] / 16.0);
  }
  in_patches["patches"] = 3;
  says(sentence(settings["path"], in_patches), {"3 x 3", "8 x 8"});
}

TEST_F(SharedImages, PngFoldersWithAClassEach) {
  const Folder folder;  // 20 grey images and their masks as two classes
  for (const char* kind : {"image", "label"}) {
    border::fs::create_directories(folder.path() + "/" + kind);
    for (int i = 0; i < 6; ++i) {
      const std::string name = "/" + std::to_string(i) + ".png";
      border::fs::copy_file(data + "/membrane_crops/train/" + kind + name,
                            folder.path() + "/" + kind + name);
    }
  }
  const Task task("image_classification", {{"path", folder.path()}, {"validation", 0}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  EXPECT_EQ(task.shape.n_samples[0], 12);
  EXPECT_EQ(lines(task), border::reference("folders " + folder.path()));
  says(task.report(), {"image 6, label 6", "128 x 128"});

  folder.write("label/9.png", "");
  says(sentence(folder.path()), {"9.png", "0 bytes"});
  folder.write("label/9.png", "no picture at all");
  says(sentence(folder.path()), {"9.png", "no PNG"});
  std::ifstream file(data + "/membrane_crops/train/image/7.png", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  for (const std::size_t n : {std::size_t{20}, whole.size() / 2, whole.size() - 6}) {
    folder.write("label/9.png", whole.substr(0, n));
    says(sentence(folder.path()), {"9.png", "damaged PNG"});
  }
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
  folder.write("label/9.png", flipped);
  says(sentence(folder.path()), {"9.png", "damaged PNG"});
  border::fs::copy_file(
      data + "/pathfinder32_sample/pathfinder32/curv_baseline/imgs/0/sample_0.png",
      folder.path() + "/label/9.png", border::fs::copy_options::overwrite_existing);
  says(sentence(folder.path()), {"9.png", "32 x 32", "128 x 128"});
  border::fs::remove(folder.path() + "/label/9.png");
  folder.write("notes.txt", "text");
  says(sentence(folder.path()), {"notes.txt", "belongs to none"});
}

TEST(Images, ColoursPalettesAnd16BitsBecomeGrey) {
  // 2 x 1 pixels each, written by hand with zlib: RGB (255,0,0) (0,255,0); RGB palette of the same;
  // 16-bit grey 0x0100, 0xffff.
  const Folder folder;
  const std::string script =
      "import struct, zlib, pathlib\n"
      "def png(kind, bits, raw, extra=b''):\n"
      "    def chunk(t, d): return struct.pack('>I', len(d)) + t + d + struct.pack('>I', "
      "zlib.crc32(t + d))\n"
      "    return b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 2, 1, bits, "
      "kind, 0, 0, 0)) + extra + chunk(b'IDAT', zlib.compress(b'\\0' + raw)) + chunk(b'IEND', "
      "b'')\n"
      "palette = b'\\xff\\0\\0\\0\\xff\\0'\n"
      "plte = struct.pack('>I', 6) + b'PLTE' + palette + struct.pack('>I', zlib.crc32(b'PLTE' + "
      "palette))\n"
      "gama = struct.pack('>I', 4) + b'gAMA' + struct.pack('>I', 45455) + struct.pack('>I', "
      "zlib.crc32(b'gAMA' + struct.pack('>I', 45455)))\n"
      "for n, b in enumerate([png(2, 8, palette, gama), png(3, 8, b'\\0\\1', plte), png(0, 16, "
      "b'\\x01\\0\\xff\\xff'), png(6, 8, b'\\xff\\0\\0\\x10\\0\\xff\\0\\x10')]):\n"
      "    f = pathlib.Path('" +
      folder.path() + "', str(n), 'a.png'); f.parent.mkdir(); f.write_bytes(b)\n";
  const std::string file = folder.write("make.py", script);
  ASSERT_EQ(std::system(("/usr/bin/python3 " + file).c_str()), 0);
  border::fs::remove(file);
  const Task task("image_classification", {{"path", folder.path()}, {"validation", 0}});
  ASSERT_TRUE(task.exists()) << task.sentence();
  // 0.299 * 255 = 76, 0.587 * 255 = 150
  EXPECT_EQ(lines(task), (border::Lines{"0 4c96", "1 4c96", "2 01ff", "3 4c96"}));
}

TEST(DamagedImages, IdxFiles) {
  const Folder folder;
  const auto images = [&](const std::string& bytes) {
    return folder.write("a-images-idx3-ubyte", bytes);
  };
  const std::string file = images(idx_images(6, 2, 3));
  says(sentence(file), {"a-labels-idx1-ubyte", "no labels"});
  folder.write("a-labels-idx1-ubyte", idx_labels(6));
  {
    const Task task("image_classification", {{"path", file}, {"validation", 0}});
    ASSERT_TRUE(task.exists()) << task.sentence();
    EXPECT_EQ(task.shape.outputs, 3);
    EXPECT_EQ(task.shape.max_tokens, 6);
  }
  says(sentence(images(idx_images(6, 2, 3) + "x")), {"too long", "6 x 2 x 3", "36", "37"});
  says(sentence(images(idx_images(6, 2, 3).substr(0, 40))), {"cut off", "36", "24"});
  says(sentence(images(idx_images(6, 2, 3).substr(0, 9))), {"cut off", "9 bytes", "16"});
  says(sentence(images(idx_images(6, 0, 3))), {"empty", "6 x 0"});
  says(sentence(images(idx_images(0, 2, 3))), {"empty"});
  says(sentence(images(idx_labels(6) + "12345678")), {"2049", "2051", "exchanged"});
  says(sentence(images("P5 something else altogether")), {"not 2051"});
  says(sentence(images(big_endian(0x803) + big_endian(0xffffffffu) + big_endian(0xffffffffu) +
                       big_endian(0xffffffffu))),
       {"cut off"});
  images(idx_images(6, 2, 3));
  folder.write("a-labels-idx1-ubyte", idx_labels(5));
  says(sentence(file), {"a-labels-idx1-ubyte", "5 labels", "6 images"});
  const std::string packed = border::gzipped(idx_images(600, 2, 3));
  says(sentence(folder.write("b-images-idx3-ubyte.gz", packed.substr(0, packed.size() / 2))),
       {"b-images-idx3-ubyte.gz", "cut off"});
}

TEST(DamagedImages, CsvFiles) {
  const Folder folder;
  const auto csv = [&](const std::string& text) { return folder.write("a.csv", text); };
  const std::string good = "label,p1,p2,p3,p4\n0,1,2,3,0\n1,9,8,7,6\n";
  {
    const Task task("image_classification", {{"path", csv(good)}, {"validation", 0}});
    ASSERT_TRUE(task.exists()) << task.sentence();
    EXPECT_EQ(lines(task), (border::Lines{"0 01020300", "1 09080706"}));
  }
  for (const std::string head : {"\xef\xbb\xbf", "\xef\xbb\xbflabel,0,1,2,999\n"}) {
    const Task task("image_classification", {{"path", csv(head + "0,1,2,3,0\n\n1,9,8,7,6\n")},
                                             {"label_column", "first"},
                                             {"validation", 0}});
    ASSERT_TRUE(task.exists()) << task.sentence();
    EXPECT_EQ(lines(task), (border::Lines{"0 01020300", "1 09080706"}));
    says(task.report(), {"skipped: 1 blank lines"});
  }
  says(sentence(csv(good + "1,2,3\n")), {"a.csv:4", "3 fields", "5"});
  says(sentence(csv(good + "1,2,300,4,5\n")), {"a.csv:4", "field 3", "'300'"});
  says(sentence(csv(good + "1,2,0.5,4,5\n")), {"a.csv:4", "'0.5'"});
  says(sentence(csv(good + ",2,3,4,5\n")), {"a.csv:4", "label is empty"});
  says(sentence(csv("0,1,2,3,4\n1,2,3,4,5\n")), {"a.csv", "label_column", "first or last"});
  for (const char* bad : {"x", "300", "2.5", "''"}) {  // no header, but a damaged line
    says(sentence(csv(std::string("1,2,") + bad + ",4,5\n0,1,2,3,0\n1,2,3,4,0\n"),
                  {{"label_column", "first"}}),
         {"a.csv:1", "field 3"});
  }
  says(sentence(csv("")), {"a.csv", "no images"});
  says(sentence(csv("1\n2\n")), {"a.csv:1", "1 field"});
  says(sentence(csv("0,0,0,0,0\n1,0,0,0,0\n")), {"all pixels are 0"});
  says(sentence(csv("label,a,b\n1,2,3\n1,3,4\n")), {"one class only ('1')"});
  says(sentence(csv(good), {{"validation", "b.csv"}}), {"b.csv does not exist"});
  const std::string other = folder.write("b.csv", "label,a,b,c,d\n0,1,2,3,0\n7,9,8,7,6\n");
  says(sentence(csv(good), {{"validation", other}}), {"b.csv", "'7'", "lack"});
  says(sentence(csv(good), {{"validation", 1.5}}), {"validation is 1.5"});
  says(sentence(csv(good), {{"validation", 0.9}}), {"leaves none"});
  says(sentence(csv(good), {{"validation", "test"}}), {"no test part", "t10k"});
}

TEST(DamagedImages, WhatIsNotThereIsNamedWithWhereToGetIt) {
  says(sentence("/nowhere/mnist"), {"/nowhere/mnist does not exist", "train-images", "http"});
  const Folder folder;
  says(sentence(folder.path()), {folder.path(), "nothing to read", "train-images", "http"});
  folder.write("t10k-images-idx3-ubyte", idx_images(1, 1, 1));
  says(sentence(folder.path()), {"no train-images"});
  says(sentence(folder.write("a.jpg", "x")), {"a.jpg", "format"});
}

}  // namespace
}  // namespace attnlab

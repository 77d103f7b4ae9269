// h5_packed_test.cpp: what write_packed stores is what HDF5's own filters give back, and
// read_packed gives back what HDF5's own filters store.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <ostream>
#include <vector>

#include "store/h5.hpp"
#include "store_fixture.hpp"

namespace attnlab {
namespace {

struct Shape {
  std::vector<Index> sizes, chunk;
  Index rows_at_a_time;
};

void PrintTo(const Shape& shape, std::ostream* out) {  // in the names of the tests
  for (const Index n : shape.sizes) *out << n << 'x';
  *out << "by";
  for (const Index n : shape.chunk) *out << 'x' << n;
}

// Numbers with a pattern and noise in their low bytes, so that both filters have work.
std::vector<double> some_numbers(Index n) {
  std::vector<double> out(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = 1.0 / static_cast<double>(i % 97 + 3) + static_cast<double>(i);
  return out;
}

class PackedChunks : public StoreTest, public testing::WithParamInterface<Shape> {};

TEST_P(PackedChunks, ReadBackAsTheyWere) {
  const Shape& shape = GetParam();
  const Index total =
      std::accumulate(shape.sizes.begin(), shape.sizes.end(), Index{1}, std::multiplies<>());
  const Index row = total / shape.sizes.front();
  const std::vector<double> numbers = some_numbers(total);
  h5::Handle file = h5::create_file(scratch / "packed.h5");
  {
    const h5::Handle dataset = h5::create_dataset(
        file, "x", {.kind = h5::Kind::float64, .sizes = shape.sizes, .chunk = shape.chunk});
    for (Index first = 0; first < shape.sizes.front(); first += shape.rows_at_a_time) {
      const Index n = std::min(shape.rows_at_a_time, shape.sizes.front() - first);
      h5::write_packed(dataset, h5::Kind::float64, first, n, numbers.data() + first * row);
    }
  }
  h5::close_file(std::move(file));
  const h5::Handle again = h5::open_file(scratch / "packed.h5");
  std::vector<double> back(numbers.size());
  h5::read_rows(h5::open_dataset(again, "x"), h5::Kind::float64, 0, shape.sizes.front(),
                back.data());
  EXPECT_EQ(back, numbers);
}

// Any run of rows, whoever packed them, in a file that is still being made.
TEST_P(PackedChunks, RowsComeBackOfWhatHdf5Packed) {
  const Shape& shape = GetParam();
  const Index total =
      std::accumulate(shape.sizes.begin(), shape.sizes.end(), Index{1}, std::multiplies<>());
  const Index n_rows = shape.sizes.front(), row = total / n_rows;
  const std::vector<double> numbers = some_numbers(total);
  h5::Handle file = h5::create_file(scratch / "packed.h5");
  {
    const h5::Handle dataset = h5::create_dataset(
        file, "x", {.kind = h5::Kind::float64, .sizes = shape.sizes, .chunk = shape.chunk});
    h5::write_rows(dataset, h5::Kind::float64, 0, n_rows, numbers.data());
    for (Index first = 0; first < n_rows; ++first) {
      for (const Index n : {Index{1}, (n_rows - first + 1) / 2, n_rows - first}) {
        std::vector<double> back(static_cast<std::size_t>(n * row), -1.0);
        h5::read_packed(dataset, h5::Kind::float64, first, n, back.data());
        EXPECT_TRUE(std::equal(back.begin(), back.end(), numbers.begin() + first * row))
            << n << " rows from " << first;
      }
    }
  }
  h5::close_file(std::move(file));
}

TEST_F(StoreTest, ChunksThatWereNeverWrittenReadAsTheirFillValue) {
  const h5::Handle file = h5::create_file(scratch / "empty.h5");
  const h5::Handle dataset = h5::create_dataset(
      file, "x", {.kind = h5::Kind::float64, .sizes = {9, 2}, .chunk = {4, 2}, .nan_fill = true});
  std::vector<double> back(18, 0.0);
  h5::read_packed(dataset, h5::Kind::float64, 0, 9, back.data());
  for (const double x : back) EXPECT_TRUE(std::isnan(x));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, PackedChunks,
    testing::Values(
        Shape{{64, 21}, {16, 21}, 64},          // whole rows, whole chunks
        Shape{{70, 21}, {16, 21}, 70},          // the last chunk hangs over
        Shape{{70, 3, 5}, {16, 3, 5}, 32},      // in portions of two chunks
        Shape{{50}, {16}, 48},                  // one axis, a rest of two
        Shape{{5, 40, 3}, {1, 16, 3}, 2},       // the second axis is cut, its last chunk hangs over
        Shape{{3, 7, 30, 2}, {1, 1, 8, 2}, 3},  // the third
        Shape{{3, 30, 30}, {1, 8, 16}, 3},      // two axes are cut
        Shape{{20, 4}, {8, 4}, 5}));            // portions that are no chunks: HDF5 packs

}  // namespace
}  // namespace attnlab

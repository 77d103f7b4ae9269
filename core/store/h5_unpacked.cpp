// h5_unpacked.cpp: many chunks unpacked at once by threads: the way back of h5_packed.cpp.
#include <hdf5.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "store/h5_boxes.hpp"
#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

struct Chunk {
  std::vector<unsigned char> bytes;
  std::uint32_t left_out =
      0;  // bit f: filter f was not applied, as HDF5 does where it gains nothing
};

// False if the chunk was never written: its numbers are the fill value. `plain`: bytes of its
// numbers.
bool read_chunk(const Handle& dataset, const std::vector<std::uint64_t>& at, std::size_t plain,
                Chunk& out) {
  const std::vector<hsize_t> offset(at.begin(), at.end());
  hsize_t n_bytes = 0;
  check(H5Dget_chunk_storage_size(dataset.id(), offset.data(), &n_bytes),
        "H5Dget_chunk_storage_size");
  if (n_bytes == 0) return false;
  if (n_bytes > 2 * plain + 4096)
    throw Failure("H5Dget_chunk_storage_size", "a chunk is damaged: it is longer than its numbers");
  out.bytes.resize(n_bytes);
  check(H5Dread_chunk(dataset.id(), H5P_DEFAULT, offset.data(), &out.left_out, out.bytes.data()),
        "H5Dread_chunk");
  return true;
}

std::vector<char> unpacked(const Chunk& chunk, std::size_t n, std::size_t bytes) {
  std::vector<char> plain(n * bytes);
  uLongf length = plain.size();
  if ((chunk.left_out & 2u) == 0) {
    const int answer = ::uncompress(reinterpret_cast<Bytef*>(plain.data()), &length,
                                    chunk.bytes.data(), static_cast<uLong>(chunk.bytes.size()));
    if (answer != Z_OK || length != plain.size())
      throw Failure("uncompress", "a chunk is damaged: it is not what zlib packs");
  } else if (chunk.bytes.size() == plain.size()) {
    std::memcpy(plain.data(), chunk.bytes.data(), plain.size());
  } else {
    throw Failure("H5Dread_chunk", "a chunk is damaged: it has another length than its numbers");
  }
  if ((chunk.left_out & 1u) != 0) return plain;
  std::vector<char> box(plain.size());
  for (std::size_t b = 0; b < bytes; ++b) {
    for (std::size_t i = 0; i < n; ++i) box[i * bytes + b] = plain[b * n + i];
  }
  return box;
}

// What of the box lies inside the extent goes to its place there; start may be negative.
void put_in(const Boxes& boxes, const std::vector<Index>& start, std::size_t bytes, const char* box,
            char* values) {
  const std::size_t last = boxes.size.size() - 1;
  const Index line = boxes.size[last];
  const Index low = std::max<Index>(0, -start[last]);
  const Index high = std::min(line, boxes.extent[last] - start[last]);
  if (high <= low) return;
  for (Index at = 0; at < boxes.numbers(); at += line) {
    Index rest = at / line, to = start[last] + low, stride = boxes.extent[last];
    bool inside = true;
    for (std::size_t axis = last; axis-- > 0;) {
      const Index i = start[axis] + rest % boxes.size[axis];
      inside = inside && 0 <= i && i < boxes.extent[axis];
      to += i * stride;
      rest /= boxes.size[axis];
      stride *= boxes.extent[axis];
    }
    if (inside) {
      std::memcpy(values + static_cast<std::size_t>(to) * bytes,
                  box + static_cast<std::size_t>(at + low) * bytes,
                  static_cast<std::size_t>(high - low) * bytes);
    }
  }
}

}  // namespace

void read_packed(const Handle& dataset, Kind kind, Index first, Index n, void* values) {
  Boxes boxes;
  if (n == 0 || kind != kind_of(dataset) || !boxes_of(dataset, boxes))
    return read_rows(dataset, kind, first, n, values);
  check(H5Dflush(dataset.id()), "H5Dflush");  // what HDF5 still holds of a file that is being made

  // The rows from `begin` on are whole boxes; those before `first` are not asked for.
  const Index unit = boxes.unit(), high = boxes.size.front();
  const Index begin = first * unit / high * high;
  Boxes read = boxes;
  read.extent.front() = (first + n) * unit - begin;
  boxes.extent.front() = n * unit;
  const std::vector<std::vector<Index>> starts = starts_of(read);
  const std::size_t bytes = size_of(kind);
  constexpr std::size_t wave = 64;  // chunks of at most 1 MiB, in memory at a time
  for (std::size_t done = 0; done < starts.size(); done += wave) {
    const std::size_t some = std::min(wave, starts.size() - done);
    std::vector<Chunk> chunks(some);
    for (std::size_t i = 0; i < some; ++i) {
      const auto at = offset_of(read, starts[done + i], begin / unit);
      if (!read_chunk(dataset, at, static_cast<std::size_t>(read.numbers()) * bytes, chunks[i]))
        return read_rows(dataset, kind, first, n, values);
    }
    side_by_side(some, [&](std::size_t i) {
      const auto box = unpacked(chunks[i], static_cast<std::size_t>(read.numbers()), bytes);
      std::vector<Index> start = starts[done + i];
      start.front() += begin - first * unit;
      put_in(boxes, start, bytes, box.data(), static_cast<char*>(values));
    });
  }
}

}  // namespace attnlab::h5

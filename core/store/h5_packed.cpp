// h5_packed.cpp: many chunks packed at once by threads, where H5Dwrite would pack one after the
// other.
//
// HDF5 has one lock around all its calls, and nine tenths of the time of a merge are zlib's. So
// chunks go through the two filters of the dataset here, as HDF5 documents them (shuffle: byte b of
// number i comes to place b n + i; deflate: a zlib stream), and H5Dwrite_chunk stores the result.
// Every reader undoes them as always.
#include <hdf5.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "store/h5_boxes.hpp"
#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

// The box that begins at `start`, counted from `values`; what lies beyond the extent is zero.
void cut_out(const Boxes& boxes, const std::vector<Index>& start, std::size_t bytes,
             const char* values, char* box) {
  const std::size_t last = boxes.size.size() - 1;
  const Index n = boxes.numbers(), line = boxes.size[last];
  std::memset(box, 0, static_cast<std::size_t>(n) * bytes);
  const Index some = std::min(line, boxes.extent[last] - start[last]);
  for (Index at = 0; at < n; at += line) {
    Index rest = at / line, from = start[last], stride = boxes.extent[last];
    bool inside = true;
    for (std::size_t axis = last; axis-- > 0;) {
      const Index i = start[axis] + rest % boxes.size[axis];
      inside = inside && i < boxes.extent[axis];
      from += i * stride;
      rest /= boxes.size[axis];
      stride *= boxes.extent[axis];
    }
    if (inside) {
      std::memcpy(box + static_cast<std::size_t>(at) * bytes,
                  values + static_cast<std::size_t>(from) * bytes,
                  static_cast<std::size_t>(some) * bytes);
    }
  }
}

std::vector<unsigned char> packed(const std::vector<char>& box, std::size_t bytes, unsigned level) {
  const std::size_t n = box.size() / bytes;
  std::vector<unsigned char> shuffled(box.size());
  for (std::size_t b = 0; b < bytes; ++b) {
    for (std::size_t i = 0; i < n; ++i)
      shuffled[b * n + i] = static_cast<unsigned char>(box[i * bytes + b]);
  }
  uLongf length = ::compressBound(static_cast<uLong>(shuffled.size()));
  std::vector<unsigned char> out(length);
  if (::compress2(out.data(), &length, shuffled.data(), static_cast<uLong>(shuffled.size()),
                  static_cast<int>(level)) != Z_OK) {
    throw Failure("compress2", "zlib has no memory left");
  }
  out.resize(length);
  return out;
}

}  // namespace

void write_packed(const Handle& dataset, Kind kind, Index first, Index n, const void* values) {
  if (n == 0) return;
  Boxes boxes;
  const bool known = boxes_of(dataset, boxes);
  const Index unit = known ? boxes.unit() : 1;
  const bool whole =
      known && first * unit % boxes.size.front() == 0 &&
      (n * unit % boxes.size.front() == 0 || (first + n) * unit == boxes.extent.front());
  if (!whole) return write_rows(dataset, kind, first, n, values);

  // `values` begin at row `first`, the extent ends with them: the rows before and after are not
  // ours to write.
  boxes.extent.front() = n * unit;
  const std::vector<std::vector<Index>> starts = starts_of(boxes);
  const std::size_t bytes = size_of(kind);
  constexpr std::size_t wave = 64;  // chunks of at most 1 MiB, in memory at a time
  for (std::size_t begin = 0; begin < starts.size(); begin += wave) {
    const std::size_t some = std::min(wave, starts.size() - begin);
    std::vector<std::vector<unsigned char>> chunks(some);
    side_by_side(some, [&](std::size_t i) {
      std::vector<char> box(static_cast<std::size_t>(boxes.numbers()) * bytes);
      cut_out(boxes, starts[begin + i], bytes, static_cast<const char*>(values), box.data());
      chunks[i] = packed(box, bytes, boxes.level);
    });
    for (std::size_t i = 0; i < some; ++i) {
      const std::vector<std::uint64_t> at = offset_of(boxes, starts[begin + i], first);
      const std::vector<hsize_t> offset(at.begin(), at.end());
      check(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, offset.data(), chunks[i].size(),
                           chunks[i].data()),
            "H5Dwrite_chunk");
    }
  }
}

}  // namespace attnlab::h5

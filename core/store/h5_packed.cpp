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
#include <atomic>
#include <bit>
#include <cstring>
#include <exception>
#include <system_error>
#include <thread>

#include "store/h5.hpp"
#include "store/h5_check.hpp"

namespace attnlab::h5 {
namespace {

// Chunks of a dataset as boxes of `size` numbers along each axis of `extent`. Axes behind the last
// one that is cut are one with it.
struct Boxes {
  std::vector<Index> extent, size;
  Index tail = 1;        // numbers of an element of the last axis
  std::size_t rank = 0;  // axes of the dataset
  unsigned level = 0;    // of deflate

  Index numbers() const {
    Index n = 1;
    for (const Index one : size) n *= one;
    return n;
  }
};

// False if the filters are not shuffle and deflate in this order: then HDF5 packs by itself.
bool has_our_filters(const Handle& creation, unsigned& level) {
  if (H5Pget_layout(creation.id()) != H5D_CHUNKED || H5Pget_nfilters(creation.id()) != 2)
    return false;
  for (unsigned i = 0; i < 2; ++i) {
    unsigned flags = 0, values[4] = {};
    std::size_t n_values = std::size(values);
    const auto filter =
        H5Pget_filter2(creation.id(), i, &flags, &n_values, values, 0, nullptr, nullptr);
    if (filter != (i == 0 ? H5Z_FILTER_SHUFFLE : H5Z_FILTER_DEFLATE)) return false;
    level = values[0];
  }
  return true;
}

bool boxes_of(const Handle& dataset, Boxes& out) {
  const Handle creation{check(H5Dget_create_plist(dataset.id()), "H5Dget_create_plist")};
  if (!has_our_filters(creation, out.level)) return false;
  out.extent = sizes_of(dataset);
  out.rank = out.extent.size();
  std::vector<hsize_t> chunk(out.rank);
  check(H5Pget_chunk(creation.id(), static_cast<int>(out.rank), chunk.data()), "H5Pget_chunk");
  for (const hsize_t one : chunk) out.size.push_back(static_cast<Index>(one));
  while (out.size.size() > 1 && out.size.back() == out.extent.back()) {
    out.tail *= out.size.back();
    out.size.pop_back();
    out.extent.pop_back();
  }
  out.size.back() *= out.tail;
  out.extent.back() *= out.tail;
  return true;
}

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

// work(0) .. work(n - 1) on as many threads as this process may use, in any order.
template <class Work>
void side_by_side(std::size_t n, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const std::size_t n_threads =
      std::min<std::size_t>(n, std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::exception_ptr> thrown(n_threads);
  const auto some = [&](std::size_t thread) {
    try {
      for (std::size_t i = next++; i < n; i = next++) work(i);
    } catch (...) {
      thrown[thread] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t thread = 1; thread < n_threads; ++thread) others.emplace_back(some, thread);
    } catch (
        const std::system_error&) {  // no more threads for this user: those that began do the work
    }
    some(0);
  }
  for (const std::exception_ptr& one : thrown) {
    if (one) std::rethrow_exception(one);
  }
}

}  // namespace

void write_packed(const Handle& dataset, Kind kind, Index first, Index n, const void* values) {
  if (n == 0) return;
  Boxes boxes;
  const bool known = std::endian::native == std::endian::little && boxes_of(dataset, boxes);
  const Index unit =
      boxes.size.size() == 1 ? boxes.tail : 1;  // numbers of a row in the first axis of the boxes
  const bool whole =
      known && first * unit % boxes.size.front() == 0 &&
      (n * unit % boxes.size.front() == 0 || (first + n) * unit == boxes.extent.front());
  if (!whole) return write_rows(dataset, kind, first, n, values);

  // `values` begin at row `first`, the extent ends with them: the rows before and after are not
  // ours to write.
  boxes.extent.front() = n * unit;
  std::vector<std::vector<Index>> starts{std::vector<Index>(boxes.size.size(), 0)};
  for (std::size_t axis = 0; axis < boxes.size.size(); ++axis) {
    const std::size_t n_so_far = starts.size();
    for (Index at = boxes.size[axis]; at < boxes.extent[axis]; at += boxes.size[axis]) {
      for (std::size_t i = 0; i < n_so_far; ++i) {
        starts.push_back(starts[i]);
        starts.back()[axis] = at;
      }
    }
  }
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
      std::vector<hsize_t> offset(boxes.rank, 0);
      const std::vector<Index>& start = starts[begin + i];
      for (std::size_t axis = 0; axis < start.size(); ++axis)
        offset[axis] = static_cast<hsize_t>(start[axis]);
      offset[start.size() - 1] /= static_cast<hsize_t>(boxes.tail);
      offset[0] += static_cast<hsize_t>(first);
      check(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, offset.data(), chunks[i].size(),
                           chunks[i].data()),
            "H5Dwrite_chunk");
    }
  }
}

}  // namespace attnlab::h5

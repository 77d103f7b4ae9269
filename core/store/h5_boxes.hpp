// h5_boxes.hpp: the chunks of a dataset as boxes of numbers, for those who pack and unpack them by
// themselves (h5_packed.cpp, h5_unpacked.cpp).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "store/h5.hpp"

namespace attnlab::h5 {

// Chunks of a dataset as boxes of `size` numbers along each axis of `extent`. Axes behind the last
// one that is cut are one with it.
struct Boxes {
  std::vector<Index> extent, size;
  Index tail = 1;        // numbers of an element of the last axis
  std::size_t rank = 0;  // axes of the dataset
  unsigned level = 0;    // of deflate

  // Numbers of a row of the dataset, along the first axis of the boxes.
  Index unit() const { return size.size() == 1 ? tail : 1; }
  Index numbers() const {
    Index n = 1;
    for (const Index one : size) n *= one;
    return n;
  }
};

// False: this dataset's chunks are HDF5's business (no chunks, other filters, another byte order).
bool boxes_of(const Handle& dataset, Boxes& out);

// Where HDF5 counts the box that begins at `start`; the boxes begin at row `first`.
std::vector<std::uint64_t> offset_of(const Boxes& boxes, const std::vector<Index>& start,
                                     Index first);

// Corners of all boxes, in any order.
std::vector<std::vector<Index>> starts_of(const Boxes& boxes);

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

}  // namespace attnlab::h5

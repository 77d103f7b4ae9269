// task_images_reader.hpp: what an independent reader (task_images_reference.py) sees in files, and
// what a task gives, in one spelling.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "task_border.hpp"

namespace attnlab::border {

using Lines = std::multiset<std::string>;

// One line an image; empty if the reader failed.
inline Lines reference(const std::string& arguments) {
  const std::string command = "/usr/bin/python3 " ATTNLAB_SOURCE_DIR
                              "/tests/contract/task_images_reference.py " +
                              arguments;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string all;
  std::array<char, 65536> block;
  std::size_t n = 0;
  while ((n = std::fread(block.data(), 1, block.size(), pipe.get())) > 0) {
    all.append(block.data(), n);
  }
  Lines out;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    out.insert(all.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

inline std::string line(const Sample& sample) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out = std::to_string(sample.target_ids[0]) + " ";
  for (const std::int32_t id : sample.tokens) {
    out += digits[id / 16];
    out += digits[id % 16];
  }
  return out;
}

// All samples of both splits.
inline Lines lines(const Task& task) {
  Lines out;
  for (const int split : {0, 1}) {
    for (std::int64_t i = 0; i < task.shape.n_samples[split]; ++i) {
      out.insert(line(task.sample(split, i)));
    }
  }
  return out;
}

}  // namespace attnlab::border

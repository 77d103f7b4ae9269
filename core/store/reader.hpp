// reader.hpp: reading a results.h5 again: its table, its arrays, its texts. For report and for
// people's verbs.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/index.hpp"
#include "base/result.hpp"

namespace attnlab {

namespace h5 {
class Handle;
}

// Numbers of any stored type as doubles, row-major.
struct Array {
  std::vector<Index> shape;
  std::vector<double> values;
};

class Results {
 public:
  // `file` is a results.h5 or a run directory that holds one.
  static Result<Results> open(const std::filesystem::path& file);
  // A file that is open already, even to write; it must outlive the answer.
  static Results of_open_file(const h5::Handle& file, const std::filesystem::path& name);
  Results(Results&&) noexcept;
  ~Results();

  Result<std::string> attribute(const std::string& name) const;  // of the root, text
  // Of a dataset or group: names in order with their bytes; dimension scales' own left out.
  Result<std::vector<std::pair<std::string, std::string>>> attributes(
      const std::string& path) const;
  bool has(const std::string& path) const;
  std::vector<std::string> members(
      const std::string& group) const;  // datasets and groups, in order of creation
  std::vector<Index> shape(const std::string& dataset) const;  // empty: there is none
  bool is_text(const std::string& dataset) const;
  Result<Array> numbers(const std::string& dataset) const;
  // Rows first .. first + count - 1 of the first axis.
  Result<Array> numbers(const std::string& dataset, Index first, Index count) const;
  Result<std::vector<std::string>> texts(const std::string& dataset) const;

 private:
  Results() = default;
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace attnlab

// documents.hpp: labelled texts, held in one piece of memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace text_classification {

class Documents {
 public:
  // Adds a text unless it is empty or white space only: such texts are counted in n_empty.
  void add(std::string_view label, std::string_view text);

  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  std::string_view text(std::int64_t i) const;
  const std::string& label(std::int64_t i) const { return names_[labels_[at(i)]]; }

  // The labels that occur, sorted: as numbers if all are numbers, else by their bytes.
  std::vector<std::string> classes() const;
  std::vector<std::int64_t> counts(const std::vector<std::string>& classes) const;

  std::int64_t n_empty = 0;
  std::string remarks;  // what else was left out, for the report: "50 files of unsup/ ignored"

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

  std::string bytes_;
  std::vector<std::uint64_t> ends_;
  std::vector<std::uint32_t> labels_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

bool is_space(char c);
bool is_blank(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace text_classification

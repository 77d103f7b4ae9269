// documents.cpp: labelled texts, held in one piece of memory.
#include "documents.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace text_classification {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_blank(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

void Documents::add(std::string_view label, std::string_view text) {
  if (is_blank(text)) {
    ++n_empty;
    return;
  }
  const auto [found, is_new] =
      numbers_.try_emplace(std::string(label), static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.emplace_back(label);
  labels_.push_back(found->second);
  bytes_.append(text);
  ends_.push_back(bytes_.size());
}

std::string_view Documents::text(std::int64_t i) const {
  const std::uint64_t begin = i == 0 ? 0 : ends_[at(i - 1)];
  return std::string_view(bytes_).substr(begin, ends_[at(i)] - begin);
}

std::vector<std::string> Documents::classes() const {
  std::vector<std::string> sorted = names_;
  const bool numeric = std::all_of(sorted.begin(), sorted.end(),
                                   [](const auto& s) { return number(s).has_value(); });
  std::sort(sorted.begin(), sorted.end(), [&](const std::string& a, const std::string& b) {
    if (numeric && *number(a) != *number(b)) return *number(a) < *number(b);
    return a < b;
  });
  return sorted;
}

std::vector<std::int64_t> Documents::counts(const std::vector<std::string>& classes) const {
  std::vector<std::int64_t> by_number(names_.size(), 0);
  for (const std::uint32_t label : labels_) ++by_number[label];
  std::vector<std::int64_t> out;
  for (const std::string& name : classes) {
    const auto found = numbers_.find(name);
    out.push_back(found == numbers_.end() ? 0 : by_number[found->second]);
  }
  return out;
}

}  // namespace text_classification

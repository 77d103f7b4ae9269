// compare.cpp: element by element, and the first difference in words.
#include "run/compare.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <set>

namespace attnlab {
namespace {

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// Shortest text that reads back to the same number; bits where that says too little.
std::string number_text(double x) {
  char text[64];
  if (std::isnan(x)) {
    std::snprintf(text, sizeof text, "NaN (bits %016llx)",
                  static_cast<unsigned long long>(std::bit_cast<std::uint64_t>(x)));
    return text;
  }
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

std::string position_text(std::size_t at, const std::vector<Index>& shape) {
  std::string text = "]";
  for (std::size_t d = shape.size(); d-- > 0;) {
    const auto size = static_cast<std::size_t>(std::max<Index>(shape[d], 1));
    text = (d > 0 ? ", " : "") + std::to_string(at % size) + text;
    at /= size;
  }
  return "[" + text;
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text;
  for (const Index n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text;
}

std::string difference(const Array& a, const Array& b) {
  if (a.shape != b.shape) return "sizes " + shape_text(a.shape) + " and " + shape_text(b.shape);
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    if (same_bits(a.values[i], b.values[i])) continue;
    return "at " + position_text(i, a.shape) + ": " + number_text(a.values[i]) + " and " +
           number_text(b.values[i]);
  }
  return "";
}

std::string difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto n = [](const auto& texts) { return std::to_string(texts.size()); };
  if (a.size() != b.size()) return "sizes " + n(a) + " and " + n(b);
  const auto [left, right] = std::ranges::mismatch(a, b);
  if (left == a.end()) return "";
  return "at [" + std::to_string(left - a.begin()) + "]: '" + *left + "' and '" + *right + "'";
}

void gather(const Results& results, const std::string& path, std::set<std::string>& datasets,
            std::set<std::string>& groups) {
  groups.insert(path);
  for (const std::string& name : results.members(path)) {
    const std::string inner = path == "/" ? name : path + "/" + name;
    if (inner == "provenance") continue;
    if (results.shape(inner).empty()) {
      gather(results, inner, datasets, groups);
    } else {
      datasets.insert(inner);
    }
  }
}

}  // namespace

Result<Column> column(const Results& results, const std::string& dataset,
                      std::optional<Index> row) {
  Column out;
  if (results.is_text(dataset)) {
    auto texts = results.texts(dataset);
    if (!texts) return texts.errors();
    out.texts = *std::move(texts);
    if (row) out.texts = {out.texts.at(static_cast<std::size_t>(*row))};
    return out;
  }
  auto numbers = row ? results.numbers(dataset, *row, 1) : results.numbers(dataset);
  if (!numbers) return numbers.errors();
  out.numbers = *std::move(numbers);
  return out;
}

Compared compare(const std::string& dataset, const Column& a, const Column& b) {
  const auto size = [](const Column& one) {
    return static_cast<Index>(one.numbers ? one.numbers->values.size() : one.texts.size());
  };
  Compared out{dataset, std::max(size(a), size(b)), ""};
  if (a.numbers.has_value() != b.numbers.has_value()) {
    out.difference = "numbers in one, texts in the other";
  } else {
    out.difference = a.numbers ? difference(*a.numbers, *b.numbers) : difference(a.texts, b.texts);
  }
  return out;
}

Result<Compared> compare_attributes(const Results& a, const Results& b,
                                    const std::vector<std::pair<std::string, std::string>>& paths) {
  Compared out{"attributes", 0, ""};
  for (const auto& [in_a, in_b] : paths) {
    const auto left = a.attributes(in_a), right = b.attributes(in_b);
    if (!left) return left.errors();
    if (!right) return right.errors();
    out.n += std::max(std::ssize(*left), std::ssize(*right));
    const auto [x, y] = std::ranges::mismatch(*left, *right);
    if (!out.difference.empty() || (x == left->end() && y == right->end())) continue;
    out.difference = "of " + in_a + ": '" + (x != left->end() ? x : y)->first + "'";
  }
  return out;
}

Result<std::vector<Compared>> compare_results(const Results& a, const Results& b) {
  std::set<std::string> datasets, groups;
  gather(a, "/", datasets, groups);
  gather(b, "/", datasets, groups);
  std::vector<Compared> all;
  for (const std::string& dataset : datasets) {
    if (!a.has(dataset) || !b.has(dataset)) {
      all.push_back({dataset, 0, a.has(dataset) ? "only in the first" : "only in the second"});
      continue;
    }
    const auto left = column(a, dataset);
    if (!left) return left.errors();
    const auto right = column(b, dataset);
    if (!right) return right.errors();
    all.push_back(compare(dataset, *left, *right));
  }
  std::vector<std::pair<std::string, std::string>> both;
  for (const auto* paths : {&groups, &datasets}) {
    for (const std::string& path : *paths)
      if (path == "/" || (a.has(path) && b.has(path))) both.emplace_back(path, path);
  }
  auto attributes = compare_attributes(a, b, both);
  if (!attributes) return attributes.errors();
  all.push_back(*std::move(attributes));
  return all;
}

Index n_different(const std::vector<Compared>& all) {
  return std::ranges::count_if(all, [](const Compared& one) { return !one.difference.empty(); });
}

}  // namespace attnlab

// units.cpp: texts as token ids.
#include "units.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "documents.hpp"

namespace text_classification {
namespace {

std::string hexadecimal(unsigned char byte, const char* format) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), format, byte);
  return text.data();
}

// The bytes of a valid UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);  // no overlong forms, no surrogates, nothing above U+10FFFF
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return n;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && !is_space(text[end])) ++end;
    out.push_back(text.substr(i, end - i));
    i = end;
  }
  return out;
}

void Vocabulary::count(std::string_view text) {
  for (const std::string_view word : words_of(text)) {
    const auto found = counts_.find(word);
    if (found == counts_.end()) {
      counts_.emplace(word, 1);
    } else {
      ++found->second;
    }
  }
}

void Vocabulary::close(std::int64_t n_most, std::int64_t min_count) {
  std::vector<std::pair<std::int64_t, std::string>> ranked;
  for (const auto& [word, n] : counts_) {
    if (n >= min_count) ranked.emplace_back(-n, word);
  }
  n_seen_ = static_cast<std::int64_t>(counts_.size());
  counts_.clear();
  std::sort(ranked.begin(), ranked.end());
  if (static_cast<std::int64_t>(ranked.size()) > n_most) {
    ranked.resize(static_cast<std::size_t>(n_most));
  }
  for (auto& [n, word] : ranked) {
    ids_.emplace(word, static_cast<std::int32_t>(size()));
    words_.push_back(std::move(word));
  }
}

std::int32_t Vocabulary::id(std::string_view word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? 1 : found->second;
}

std::string Vocabulary::name(std::int64_t id) const {
  if (id < 0 || id >= size()) return "";
  if (id < 2) return id == 0 ? "<pad>" : "<unk>";
  std::string out;
  std::string_view rest = words_[static_cast<std::size_t>(id - 2)];
  while (!rest.empty()) {
    const std::size_t n = utf8_length(rest);
    if (n == 0 || static_cast<unsigned char>(rest[0]) < 0x20) {
      out += hexadecimal(static_cast<unsigned char>(rest[0]), "\\x%02x");
    } else {
      out += rest.substr(0, n);
    }
    rest.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return out;
}

void Encoded::add_bytes(std::string_view text, std::int64_t max_length, std::int32_t label) {
  const auto length = static_cast<std::int64_t>(text.size());
  bytes_.append(text.substr(0, static_cast<std::size_t>(std::min(length, max_length))));
  close_sample(length, max_length, label, bytes_.size());
}

void Encoded::add_words(std::string_view text, const Vocabulary& vocabulary,
                        std::int64_t max_length, std::int32_t label) {
  const std::vector<std::string_view> words = words_of(text);
  const auto length = static_cast<std::int64_t>(words.size());
  const std::int64_t n_kept = std::min(length, max_length);
  for (std::int64_t i = 0; i < n_kept; ++i) {
    ids_.push_back(vocabulary.id(words[static_cast<std::size_t>(i)]));
    if (ids_.back() == 1) ++n_unknown;
  }
  close_sample(length, max_length, label, ids_.size());
}

void Encoded::close_sample(std::int64_t length, std::int64_t max_length, std::int32_t label,
                           std::size_t end) {
  lengths.push_back(length);
  n_units += std::min(length, max_length);
  if (length > max_length) ++n_truncated;
  ends_.push_back(end);
  labels_.push_back(label);
}

std::int64_t Encoded::copy_to(std::int32_t* tokens, std::int64_t i) const {
  const auto place = static_cast<std::size_t>(i);
  const std::uint64_t begin = place == 0 ? 0 : ends_[place - 1], end = ends_[place];
  for (std::uint64_t k = begin; k < end; ++k) {
    tokens[k - begin] = ids_.empty() ? static_cast<unsigned char>(bytes_[k]) + 1 : ids_[k];
  }
  return static_cast<std::int64_t>(end - begin);
}

std::string byte_name(std::int64_t id) {
  if (id <= 0 || id > 256) return id == 0 ? "<pad>" : "";
  const auto byte = static_cast<unsigned char>(id - 1);
  if (byte > 0x20 && byte < 0x7f) return std::string(1, static_cast<char>(byte));
  return hexadecimal(byte, "0x%02x");
}

}  // namespace text_classification

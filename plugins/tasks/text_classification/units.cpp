// units.cpp: texts as token ids.
#include "units.hpp"

#include <algorithm>

#include "../reading/spelling.hpp"
#include "documents.hpp"

namespace text_classification {

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

void Encoded::move_to(reading::Pack& pack, const std::string& name, bool by_word) {
  if (by_word) {
    pack.add(name + ".tokens", std::move(ids_));
  } else {
    pack.add(name + ".tokens", std::move(bytes_));
  }
  pack.add(name + ".ends", std::move(ends_));
  pack.add(name + ".labels", std::move(labels_));
}

Samples::Samples(const reading::Pack& pack, const std::string& name, bool by_word)
    : ends_(pack.items<std::uint64_t>(name + ".ends")),
      labels_(pack.items<std::int32_t>(name + ".labels")) {
  if (by_word) {
    ids_ = pack.items<std::int32_t>(name + ".tokens");
  } else {
    bytes_ = pack.items<unsigned char>(name + ".tokens");
  }
}

std::int64_t Samples::copy_to(std::int32_t* tokens, std::int64_t i) const {
  const auto place = static_cast<std::size_t>(i);
  const std::uint64_t begin = place == 0 ? 0 : ends_[place - 1], end = ends_[place];
  for (std::uint64_t k = begin; k < end; ++k) {
    tokens[k - begin] = ids_.empty() ? bytes_[k] + 1 : ids_[k];
  }
  return static_cast<std::int64_t>(end - begin);
}

std::string byte_name(std::int64_t id) {
  if (id <= 0 || id > 256) return id == 0 ? "<pad>" : "";
  return reading::byte_name(static_cast<unsigned char>(id - 1));
}

}  // namespace text_classification

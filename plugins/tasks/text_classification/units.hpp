// units.hpp: texts as token ids, byte by byte or word by word, in compact memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../reading/pack.hpp"

namespace text_classification {

// The words of a text: what stands between white space.
std::vector<std::string_view> words_of(std::string_view text);

// id 0: padding, 1: unknown, then the words by falling count, equal counts by their bytes.
class Vocabulary {
 public:
  // Counts the words of a text.
  void count(std::string_view text);
  // Keeps the `n_most` most frequent words that occurred at least `min_count` times.
  void close(std::int64_t n_most, std::int64_t min_count);

  std::int32_t id(std::string_view word) const;
  std::int64_t size() const { return 2 + static_cast<std::int64_t>(words_.size()); }
  const std::vector<std::string>& words() const { return words_; }  // of the ids 2, 3, ...
  std::int64_t n_seen() const { return n_seen_; }  // different words before close()

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> counts_;
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> ids_;
  std::vector<std::string> words_;
  std::int64_t n_seen_ = 0;
};

// The samples of one split while they are made: each at most max_length tokens long.
class Encoded {
 public:
  void add_bytes(std::string_view text, std::int64_t max_length, std::int32_t label);
  void add_words(std::string_view text, const Vocabulary& vocabulary, std::int64_t max_length,
                 std::int32_t label);

  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  std::int32_t label(std::int64_t i) const { return labels_[static_cast<std::size_t>(i)]; }
  // Moves the samples into the parts `name`.tokens, .ends and .labels of `pack`.
  void move_to(reading::Pack& pack, const std::string& name, bool by_word);

  std::vector<std::int64_t> lengths;  // in units, before truncation; for the report
  std::int64_t n_truncated = 0;
  std::int64_t n_unknown = 0, n_units = 0;  // after truncation

 private:
  void close_sample(std::int64_t length, std::int64_t max_length, std::int32_t label,
                    std::size_t end);

  std::string bytes_;              // unit byte: id = byte + 1
  std::vector<std::int32_t> ids_;  // unit word
  std::vector<std::uint64_t> ends_;
  std::vector<std::int32_t> labels_;
};

// The samples of one split, in the memory of a pack.
class Samples {
 public:
  Samples() = default;
  Samples(const reading::Pack& pack, const std::string& name, bool by_word);

  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  std::int32_t label(std::int64_t i) const { return labels_[static_cast<std::size_t>(i)]; }
  std::int64_t copy_to(std::int32_t* tokens, std::int64_t i) const;  // answers how many

 private:
  std::span<const unsigned char> bytes_;  // unit byte: id = byte + 1
  std::span<const std::int32_t> ids_;     // unit word
  std::span<const std::uint64_t> ends_;
  std::span<const std::int32_t> labels_;
};

// How people see a byte: "a", "0x0a".
std::string byte_name(std::int64_t id);

}  // namespace text_classification

// words.hpp: a text as numbers, word by word, and the vocabulary that gives the numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace text_corpus {

enum class Splitter {
  white_space,   // what stands between white space; `<eos>` ends every line, empty ones too
  basic_english  // torchtext's: lower case; ' . , ( ) ! ? stand alone; " is dropped; ; : and
                 // <br /> are spaces; no <eos>. Letters beyond Latin-1 keep their case
};

// id 0: <unk>, then the words by falling count, equal counts by their bytes.
class Vocabulary {
 public:
  // The words of a text as numbers of their own, in order of appearance.
  std::vector<std::int32_t> read(std::string_view text, Splitter splitter);

  // Ranks the words by their count in `train`, which read() gave. Keeps the `n_most` most frequent
  // (0: all) of those that occur at least `min_count` times.
  void close(const std::vector<std::int32_t>& train, std::int64_t n_most, std::int64_t min_count);

  // From the numbers of read() to ids; answers how many are unknown.
  std::int64_t rank(std::vector<std::int32_t>& stream) const;

  std::int64_t size() const { return 1 + static_cast<std::int64_t>(ranked_.size()); }
  std::int64_t n_seen() const { return n_seen_; }  // different words in `train`
  std::vector<std::string> words() const;  // of the ids 1, 2, ..., as they stand in the text

 private:
  std::int32_t number(std::string_view word);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> numbers_;
  std::vector<const std::string*> words_;  // by number
  std::vector<std::int32_t> ids_;          // by number
  std::vector<std::int32_t> ranked_;       // number of id 1, 2, ...
  std::int64_t n_seen_ = 0;
};

}  // namespace text_corpus

// words.cpp: a text as numbers, word by word, and the vocabulary that gives the numbers.
#include "words.hpp"

#include <algorithm>

namespace text_corpus {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The line as torchtext's basic_english sees it before it splits at white space.
void simplify(std::string_view line, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    switch (c) {
      case '"': continue;
      case ';':
      case ':': out += ' '; continue;
      case '\'':
      case '.':
      case ',':
      case '(':
      case ')':
      case '!':
      case '?':
        out += ' ';
        out += c;
        out += ' ';
        continue;
      default: break;
    }
    const auto next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0;
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if (c == '\xc3' && next >= 0x80 && next <= 0x9e && next != 0x97) {
      out += c;  // UTF-8 of the capitals of Latin-1
      out += static_cast<char>(next + 0x20);
      ++i;
    } else {
      out += c;
    }
  }
  for (std::size_t i = out.find("<br />"); i != std::string::npos; i = out.find("<br />", i)) {
    out.replace(i, 6, " ");
  }
}

}  // namespace

std::int32_t Vocabulary::number(std::string_view word) {
  const auto found = numbers_.find(word);
  if (found != numbers_.end()) return found->second;
  const auto made = static_cast<std::int32_t>(words_.size());
  words_.push_back(&numbers_.emplace(word, made).first->first);
  return made;
}

std::vector<std::int32_t> Vocabulary::read(std::string_view text, Splitter splitter) {
  std::vector<std::int32_t> out;
  out.reserve(text.size() / 5);
  std::string simple;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // byte order mark
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (splitter == Splitter::basic_english) {
      simplify(line, simple);
      line = simple;
    }
    for (std::size_t i = 0; i < line.size();) {
      std::size_t stop = i;
      while (stop < line.size() && !is_space(line[stop])) ++stop;
      if (stop > i) out.push_back(number(line.substr(i, stop - i)));
      i = stop + 1;
    }
    if (splitter == Splitter::white_space) out.push_back(number("<eos>"));
  }
  return out;
}

void Vocabulary::close(const std::vector<std::int32_t>& train, std::int64_t n_most,
                       std::int64_t min_count) {
  std::vector<std::int64_t> counts(words_.size(), 0);
  for (const std::int32_t number : train) ++counts[static_cast<std::size_t>(number)];
  const auto count = [&](std::int32_t number) { return counts[static_cast<std::size_t>(number)]; };
  const auto word = [&](std::int32_t number) { return *words_[static_cast<std::size_t>(number)]; };
  for (std::int32_t number = 0; number < static_cast<std::int32_t>(words_.size()); ++number) {
    if (count(number) == 0 || word(number) == "<unk>") continue;
    ++n_seen_;
    if (count(number) >= min_count) ranked_.push_back(number);
  }
  std::sort(ranked_.begin(), ranked_.end(), [&](std::int32_t a, std::int32_t b) {
    return count(a) != count(b) ? count(a) > count(b) : word(a) < word(b);
  });
  if (n_most > 0 && static_cast<std::int64_t>(ranked_.size()) > n_most) {
    ranked_.resize(static_cast<std::size_t>(n_most));
  }
  ids_.assign(words_.size(), 0);
  for (std::size_t r = 0; r < ranked_.size(); ++r) {
    ids_[static_cast<std::size_t>(ranked_[r])] = static_cast<std::int32_t>(r + 1);
  }
}

std::int64_t Vocabulary::rank(std::vector<std::int32_t>& stream) const {
  for (std::int32_t& token : stream) token = ids_[static_cast<std::size_t>(token)];
  return std::count(stream.begin(), stream.end(), 0);
}

std::vector<std::string> Vocabulary::words() const {
  std::vector<std::string> out;
  for (const std::int32_t number : ranked_)
    out.push_back(*words_[static_cast<std::size_t>(number)]);
  return out;
}

}  // namespace text_corpus

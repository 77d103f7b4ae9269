// grid_mutator.cpp: changes a grid by its lines, keys and values as well as by its bytes, so that
// most inputs get past the YAML.
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using Random = std::minstd_rand;
using Lines = std::vector<std::string>;

const std::vector<std::string> values = {"null",
                                         "~",
                                         "true",
                                         "0",
                                         "-1",
                                         "1",
                                         "64",
                                         "1e3",
                                         "1e308",
                                         "-0.0",
                                         ".nan",
                                         ".inf",
                                         "9223372036854775807",
                                         "18446744073709551616",
                                         "\"\"",
                                         "[]",
                                         "{}",
                                         "[[1, 2], [3, 4]]",
                                         "[last]",
                                         "{range: [0, 3]}",
                                         "{range: [0, 20000]}",
                                         "{linspace: [0, 1, 5]}",
                                         "{logspace: [0.001, 1, 3]}",
                                         "{normal: 0.1}",
                                         "{values: [1, 2]}",
                                         "{default: 1.0, W_Q: 2}",
                                         "full",
                                         "last",
                                         "all",
                                         "none",
                                         "softmax",
                                         "gaussian",
                                         "linear",
                                         "adam",
                                         "muon",
                                         "yz",
                                         "*a",
                                         "&a {x: 1}",
                                         "!!str 1",
                                         "{plugin: softmax, temperature: 2}",
                                         "{classes: from_task}",
                                         "{hidden: 8, activation: relu}",
                                         "[softmax, 1, null]"};

std::size_t below(Random& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

Lines split(const std::string& text) {
  Lines lines(1);
  for (const char c : text) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

std::string join(const Lines& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i ? "\n" : "") + lines[i];
  return text;
}

// The end of a value that begins at `from`: the next comma or closing bracket of its level.
std::size_t end_of_value(const std::string& line, std::size_t from) {
  int depth = 0;
  for (std::size_t i = from; i < line.size(); ++i) {
    if (line[i] == '{' || line[i] == '[') ++depth;
    if ((line[i] == '}' || line[i] == ']') && depth-- == 0) return i;
    if (line[i] == ',' && depth == 0) return i;
  }
  return line.size();
}

void change_value(std::string& line, Random& random) {
  std::vector<std::size_t> places;
  for (std::size_t at = line.find(": "); at != std::string::npos; at = line.find(": ", at + 1))
    places.push_back(at + 2);
  if (places.empty()) {
    line += " " + values[below(random, values.size())];
    return;
  }
  const std::size_t from = places[below(random, places.size())];
  line.replace(from, end_of_value(line, from) - from, values[below(random, values.size())]);
}

void change_lines(Lines& lines, Random& random) {
  const std::size_t at = below(random, lines.size()), other = below(random, lines.size());
  switch (below(random, 7)) {
    case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::string(lines[other]));
      break;
    case 2: std::swap(lines[at], lines[other]); break;
    case 3: lines[at] = "  " + lines[at]; break;
    case 4:
      if (lines[at].starts_with("  ")) lines[at].erase(0, 2);
      break;
    default: change_value(lines[at], random);
  }
  if (lines.empty()) lines.emplace_back();
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  Random random(seed);
  if (below(random, 3) == 0) return LLVMFuzzerMutate(data, size, most);
  Lines lines = split(std::string(reinterpret_cast<const char*>(data), size));
  for (std::size_t n = 1 + below(random, 3); n > 0; --n) change_lines(lines, random);
  const std::string text = join(lines);
  const std::size_t kept = std::min(text.size(), most);
  std::memcpy(data, text.data(), kept);
  return kept;
}

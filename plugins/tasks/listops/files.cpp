// files.cpp: ListOps expressions from TSV files; every answer is computed anew.
#include "files.hpp"

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <initializer_list>
#include <optional>

namespace listops {
namespace {

using attnlab::Failure;
using reading::is_folder;
using reading::is_there;

constexpr const char* wanted =
    "Looked for basic_train.tsv, basic_val.tsv, basic_test.tsv (folder listops-1000 of the Long "
    "Range Arena, https://github.com/google-research/long-range-arena) or train_d20s.tsv, "
    "test_d20s.tsv (original ListOps, https://github.com/nyu-mll/spinn), plain or .gz, or one "
    "such file";

fs::path first_there(const fs::path& folder, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    for (const char* ending : {"", ".gz"}) {
      const fs::path file = folder / (std::string(name) + ending);
      if (is_there(file)) return file;
    }
  }
  return {};
}

std::optional<int> answer_in(std::string_view field) {
  if (field.size() != 1 || field[0] < '0' || field[0] > '9') return std::nullopt;
  return field[0] - '0';
}

std::string shown(std::string_view field) {
  return "'" + std::string(field.substr(0, 30)) + (field.size() > 30 ? "...'" : "'");
}

struct Line {
  std::string_view expression;
  int answer;
};

// Throws Failure without the place.
Line line_of(std::string_view text) {
  const std::size_t tab = text.find('\t');
  if (tab == std::string_view::npos || text.find('\t', tab + 1) != std::string_view::npos) {
    throw Failure("expected two fields with a tab between: expression and answer, but found " +
                  shown(text));
  }
  const std::string_view a = text.substr(0, tab), b = text.substr(tab + 1);
  if (const auto answer = answer_in(b)) return {a, *answer};
  if (const auto answer = answer_in(a)) return {b, *answer};
  throw Failure("expected an answer from 0 to 9 in the first or the second field, but they are " +
                shown(a) + " and " + shown(b));
}

}  // namespace

Part read_part(const fs::path& file, std::int64_t max_length) {
  const std::string content = reading::content_of(file);
  Part out;
  out.file = file.string();
  std::string_view rest = content;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);  // byte order mark
  std::vector<std::uint8_t> tokens;
  std::string first_wrong;
  std::int64_t n_wrong = 0, n_read = 0;
  for (std::int64_t line = 1; !rest.empty(); ++line) {
    const std::size_t end = rest.find('\n');
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) {
      ++out.n_blank;
      continue;
    }
    if (line == 1 && (text == "Source\tTarget" || text == "Target\tSource")) continue;
    const std::string place = out.file + ":" + std::to_string(line) + ": ";
    tokens.clear();
    Line parts{};
    int value = 0;
    try {
      parts = line_of(text);
      value = parse(parts.expression, tokens);
    } catch (const Failure& failure) {
      throw Failure(place + failure.what());
    }
    ++n_read;
    if (value != parts.answer && n_wrong++ == 0) {
      first_wrong = place + "the answer is said to be " + std::to_string(parts.answer) +
                    ", but the expression gives " + std::to_string(value);
    }
    if (static_cast<std::int64_t>(tokens.size()) > max_length) {
      ++out.n_too_long;
    } else {
      out.expressions.add(tokens, value);
    }
  }
  if (n_wrong > 0) {
    throw Failure(first_wrong + "; " + std::to_string(n_wrong) + " of " + std::to_string(n_read) +
                  " answers are wrong: the file is damaged or other operators were meant");
  }
  if (n_read == 0) throw Failure(out.file + " is empty: it holds no expression");
  if (out.expressions.view().size() == 0) {
    throw Failure(out.file + ": all " + std::to_string(n_read) + " expressions have more than " +
                  std::to_string(max_length) + " tokens; raise max_length");
  }
  return out;
}

Places places_of(const fs::path& given) {
  const fs::path path = reading::found(given);
  if (!is_there(path)) throw Failure(path.string() + " does not exist. " + wanted);
  if (!is_folder(path)) return {path, {}, {}};
  for (const char* below : {"", "listops-1000", "listops", "lra_release/listops-1000",
                            "lra_release/lra_release/listops-1000"}) {
    const fs::path folder = *below == '\0' ? path : path / below;
    const fs::path train = first_there(folder, {"basic_train.tsv", "train_d20s.tsv"});
    if (train.empty()) continue;
    return {train, first_there(folder, {"basic_val.tsv"}),
            first_there(folder, {"basic_test.tsv", "test_d20s.tsv"})};
  }
  throw Failure(path.string() + " holds no training file. " + wanted);
}

}  // namespace listops

// delimited.cpp: records of TSV, CSV and `label text` files. Bytes stay bytes: no encoding is
// assumed.
#include "delimited.hpp"

#include <algorithm>
#include <array>
#include <attnlab/plugin.hpp>

namespace text_classification {
namespace {

using attnlab::Failure;
using reading::plain_name;

constexpr std::array<std::string_view, 10> label_names{
    "label",  "sentiment", "target",   "class", "category",
    "labels", "answer",    "polarity", "y",     "rating"};
constexpr std::array<std::string_view, 11> text_names{"text",   "review",  "sentence", "document",
                                                      "phrase", "content", "comment",  "tweet",
                                                      "body",   "source",  "message"};

std::string at(const fs::path& file, std::int64_t line) {
  return file.string() + ":" + std::to_string(line) + ": ";
}

std::string lower(std::string_view text) {
  std::string out(trimmed(text));
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Walks over the records of a file. Fields of the current record stay valid until the next one.
class Records {
 public:
  Records(const fs::path& file, std::string_view content, Layout layout)
      : file_(file), rest_(content), layout_(layout) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // byte order mark
  }

  // The next record that is not a blank line; false at the end.
  bool next() {
    while (!rest_.empty()) {
      line = next_line_;
      fields.clear();
      if (layout_ == Layout::csv) {
        read_csv();
      } else {
        const std::string_view text = take_line();
        if (layout_ == Layout::tsv) split(text, '\t');
        if (layout_ == Layout::lines) fields.emplace_back(text);
      }
      if (fields.size() != 1 || !is_blank(fields[0])) return true;
      ++n_blank;
    }
    return false;
  }

  std::vector<std::string> fields;
  std::int64_t line = 0;  // where the record begins
  std::int64_t n_blank = 0;

 private:
  std::string_view take_line() {
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++next_line_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }

  void split(std::string_view text, char separator) {
    for (;;) {
      const std::size_t end = text.find(separator);
      fields.emplace_back(text.substr(0, end));
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
  }

  // RFC 4180: fields in quotes may hold commas, line breaks and, doubled, quotes.
  void read_csv() {
    for (;;) {
      std::string& field = fields.emplace_back();
      if (rest_.starts_with('"')) {
        read_quoted(field);
      } else {
        const std::size_t end = std::min(rest_.find_first_of(",\n"), rest_.size());
        field = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (field.ends_with('\r') && !rest_.starts_with(',')) field.pop_back();
      }
      if (!rest_.starts_with(',')) break;
      rest_.remove_prefix(1);
    }
    if (rest_.starts_with('\n')) rest_.remove_prefix(1);
    ++next_line_;
  }

  void read_quoted(std::string& field) {
    const std::int64_t opened = next_line_;
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) {
        throw Failure(at(file_, opened) + "a quote opens here and never closes");
      }
      field.append(rest_.substr(0, quote));
      next_line_ +=
          std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(quote), '\n');
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) break;
      field.push_back('"');
      rest_.remove_prefix(1);
    }
    if (rest_.starts_with('\r')) rest_.remove_prefix(1);
    if (!rest_.empty() && rest_.front() != ',' && rest_.front() != '\n') {
      throw Failure(at(file_, next_line_) +
                    "text follows a closing quote; a quote inside a quoted field is written \"\"");
    }
  }

  const fs::path& file_;
  std::string_view rest_;
  Layout layout_;
  std::int64_t next_line_ = 1;
};

// The column called `given`, or one of the usual names; -1: none.
template <std::size_t n>
std::int64_t column(const std::vector<std::string>& header, const std::string& given,
                    const std::array<std::string_view, n>& usual) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (!given.empty() && trimmed(header[i]) == given) return static_cast<std::int64_t>(i);
  }
  if (!given.empty()) return -1;
  for (const std::string_view name : usual) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (lower(header[i]) == name) return static_cast<std::int64_t>(i);
    }
  }
  return -1;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (out.size() > 200) return out + ", ...";
    out += (out.empty() ? "'" : ", '") + word.substr(0, 40) + "'";
  }
  return out;
}

// Records that are wrong: the first one in words, and how many.
class Mistakes {
 public:
  explicit Mistakes(const fs::path& file) : file_(file) {}

  void add(std::int64_t line, const std::string& what) {
    if (n_++ == 0) first_ = at(file_, line) + what;
  }
  // Throws if there was one.
  void judge(std::int64_t n_records) const {
    if (n_ == 0) return;
    throw Failure(first_ + "; " + std::to_string(n_) + " of " + std::to_string(n_records) +
                  (n_records == 1 ? " record is" : " records are") + " wrong");
  }

 private:
  const fs::path& file_;
  std::string first_;
  std::int64_t n_ = 0;
};

void add(Documents& out, Mistakes& mistakes, std::int64_t line, std::string_view label,
         std::string_view text) {
  label = trimmed(label);
  if (label.empty()) return mistakes.add(line, "the label is empty");
  out.add(label, text);
}

void read_headed(Documents& out, const fs::path& file, Records& records, std::size_t label,
                 std::size_t text) {
  const std::size_t n_columns = records.fields.size();
  Mistakes mistakes(file);
  std::int64_t n = 0;
  for (; records.next(); ++n) {
    if (records.fields.size() == n_columns) {
      add(out, mistakes, records.line, records.fields[label], records.fields[text]);
    } else {
      mistakes.add(records.line, "this record has " + std::to_string(records.fields.size()) +
                                     " fields, the header has " + std::to_string(n_columns));
    }
  }
  mistakes.judge(n);
}

// Label first; all that follows is text, columns joined by a space. In a CSV all records must have
// as many fields as the first.
void read_headless(Documents& out, const fs::path& file, Records& records, Layout layout) {
  const std::size_t n_columns = records.fields.size();
  Mistakes mistakes(file);
  std::int64_t n = 0;
  do {
    ++n;
    const std::vector<std::string>& fields = records.fields;
    if (fields.size() < 2 || (layout == Layout::csv && fields.size() != n_columns)) {
      mistakes.add(records.line, "this record has " + std::to_string(fields.size()) +
                                     (fields.size() == 1 ? " field" : " fields") + ", expected " +
                                     (n_columns < 2 ? "at least 2" : std::to_string(n_columns)) +
                                     ": a label, then the text" +
                                     (layout == Layout::csv ? "" : ", with a tab between"));
      continue;
    }
    std::string text = fields[1];
    for (std::size_t i = 2; i < fields.size(); ++i) text += " " + fields[i];
    add(out, mistakes, records.line, fields[0], text);
  } while (records.next());
  mistakes.judge(n);
}

void read_lines(Documents& out, const fs::path& file, Records& records) {
  Mistakes mistakes(file);
  std::int64_t n = 0;
  do {
    ++n;
    const std::string_view line = records.fields[0];
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0) {
      mistakes.add(records.line, "expected a label, a space, then the text");
    } else {
      add(out, mistakes, records.line, line.substr(0, space), line.substr(space + 1));
    }
  } while (records.next());
  mistakes.judge(n);
}

// Wrong columns show in the labels: a header taken for data, or texts taken for labels.
void check_labels(const Documents& documents, const fs::path& file, std::int64_t first_line) {
  const std::int64_t n = documents.size();
  if (n < 10) return;
  const std::vector<std::string> classes = documents.classes();
  const auto n_classes = static_cast<std::int64_t>(classes.size());
  if (n_classes > n / 2) {
    throw Failure(at(file, first_line) + "the label column holds " + std::to_string(n_classes) +
                  " different values in " + std::to_string(n) + " samples ('" +
                  classes[0].substr(0, 40) +
                  "', ...): it is not a class; name label_column and text_column");
  }
  const std::string& first = documents.label(0);
  const std::vector<std::int64_t> counts = documents.counts(classes);
  const auto n_once = std::count(counts.begin(), counts.end(), 1);
  const auto place = std::find(classes.begin(), classes.end(), first) - classes.begin();
  if (n_once == 1 && counts[static_cast<std::size_t>(place)] == 1) {
    throw Failure(at(file, first_line) + "no later record has the label '" + first.substr(0, 40) +
                  "': if this line is a header, name label_column and text_column");
  }
}

}  // namespace

Layout layout_of(const fs::path& file, std::string_view content) {
  const std::string name = lower(plain_name(file));
  if (name.ends_with(".csv")) return Layout::csv;
  if (name.ends_with(".tsv")) return Layout::tsv;
  const std::string_view line = content.substr(0, content.find('\n'));
  const std::size_t space = line.find(' '), tab = line.find('\t'), comma = line.find(',');
  const bool short_label =
      space != std::string_view::npos && space > 0 && space <= 2 &&
      std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(space),
                  [](char c) { return c >= '0' && c <= '9'; });
  if (short_label && space < tab) return Layout::lines;
  if (tab != std::string_view::npos) return Layout::tsv;
  if (comma != std::string_view::npos) return Layout::csv;
  throw Failure(at(file, 1) +
                "this is neither TSV, CSV nor `label text` lines; set format if it is one of them");
}

Documents delimited(const fs::path& file, std::string_view content, Layout layout,
                    const Columns& columns) {
  if (content.starts_with("\xff\xfe") || content.starts_with("\xfe\xff")) {
    throw Failure(file.string() + " is UTF-16 text; `iconv -f UTF-16 -t UTF-8` makes bytes of it");
  }
  Documents out;
  Records records(file, content, layout);
  if (!records.next()) throw Failure(file.string() + " is empty");
  const std::int64_t first_line = records.line;
  if (layout == Layout::lines) {
    read_lines(out, file, records);
  } else {
    const std::int64_t label = column(records.fields, columns.label, label_names);
    const std::int64_t text = column(records.fields, columns.text, text_names);
    const bool named = !columns.label.empty() || !columns.text.empty();
    if (named && (label < 0 || text < 0)) {
      const bool no_label = label < 0;
      const std::string& asked = no_label ? columns.label : columns.text;
      throw Failure(at(file, first_line) + "the header has no " +
                    (asked.empty() ? "column with a usual name for the "
                                   : "column '" + asked + "' for the ") +
                    (no_label ? "label" : "text") + "; it has " + joined(records.fields));
    }
    if (label >= 0 && text >= 0 && label != text) {
      read_headed(out, file, records, static_cast<std::size_t>(label),
                  static_cast<std::size_t>(text));
    } else {
      read_headless(out, file, records, layout);
    }
  }
  out.n_empty += records.n_blank;
  check_labels(out, file, first_line);
  return out;
}

}  // namespace text_classification

// table.cpp: CSV files with one image a line: a label, and pixels as whole numbers 0..255.
#include <algorithm>
#include <attnlab/plugin.hpp>
#include <charconv>
#include <cmath>

#include "../reading/file.hpp"
#include "image_set.hpp"

namespace images {
namespace {

using attnlab::Failure;

struct Line {
  std::vector<std::string_view> fields;
  std::int64_t number = 0;
};

std::string_view trimmed(std::string_view text) {
  constexpr const char* space = " \t\r\"";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

// Lines that are not blank; the others are counted.
std::vector<Line> lines_of(std::string_view content, std::int64_t& n_blank) {
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);  // a byte order mark
  std::vector<Line> out;
  std::int64_t number = 0;
  while (!content.empty()) {
    ++number;
    const std::size_t end = std::min(content.find('\n'), content.size());
    std::string_view line = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    if (trimmed(line).empty()) {
      ++n_blank;
      continue;
    }
    Line& fields = out.emplace_back();
    fields.number = number;
    for (;;) {
      const std::size_t comma = line.find(',');
      fields.fields.push_back(trimmed(line.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      line.remove_prefix(comma + 1);
    }
  }
  return out;
}

// A whole number 0..255 (also spelt 16.0), or -1.
int pixel(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return -1;
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  const bool whole = rest.empty() || (rest.starts_with('.') &&
                                      rest.find_first_not_of('0', 1) == std::string_view::npos);
  return whole && value >= 0 && value <= 255 ? value : -1;
}

bool constant(const std::vector<Line>& lines, std::size_t column) {
  return std::all_of(lines.begin(), lines.end(), [&](const Line& line) {
    return line.fields[column] == lines.front().fields[column];
  });
}

bool names_a_label(std::string_view name) {
  return name == "label" || name == "class" || name == "target" || name == "y";
}

// A header names the label, or has no number between its ends, where a label, which may be a word,
// can stand. A line with some fields that are no pixels is damaged instead.
bool is_header(const Line& line) {
  const std::vector<std::string_view>& fields = line.fields;
  if (fields.size() < 2) return false;
  const std::ptrdiff_t margin = fields.size() > 2 ? 1 : 0;
  const auto begin = fields.begin() + margin, end = fields.end() - margin;
  const auto is_pixel = [](std::string_view field) { return pixel(field) >= 0; };
  const auto is_number = [](std::string_view field) {
    double value = 0;
    const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    return error != std::errc::invalid_argument && stop == field.data() + field.size();
  };
  for (const std::string_view name : {fields.front(), fields.back()}) {
    const bool may_be_a_class = name == "y";  // and `n` the other
    if (names_a_label(name) && !(may_be_a_class && std::all_of(begin, end, is_pixel))) return true;
  }
  return std::none_of(begin, end, is_number);
}

// Which column is the label: 0 or the last.
std::size_t label_place(const fs::path& file, const std::string& asked, const Line* header,
                        const std::vector<Line>& lines) {
  const std::size_t last = lines.front().fields.size() - 1;
  if (asked != "auto") return asked == "first" ? 0 : last;
  if (header != nullptr) {
    for (const std::size_t place : {std::size_t{0}, last}) {
      if (names_a_label(header->fields[place])) return place;
    }
  }
  // Corner pixels of real sets are mostly constant; a constant label would be no label.
  const bool first_varies = !constant(lines, 0), last_varies = !constant(lines, last);
  if (first_varies && last_varies) {
    throw Failure(file.string() +
                  ": the first and the last column could both be the label; set label_column to "
                  "first or last");
  }
  return last_varies ? last : 0;
}

}  // namespace

Images read_table(const fs::path& file, const std::string& label_column) {
  const std::string content = reading::content_of(file);
  Images out;
  std::vector<Line> lines = lines_of(content, out.n_blank);
  const auto at = [&](const Line& line) {
    return file.string() + ":" + std::to_string(line.number) + ": ";
  };
  Line header;
  if (!lines.empty() && is_header(lines.front())) {
    header = lines.front();
    lines.erase(lines.begin());
  }
  if (lines.empty()) throw Failure(file.string() + " holds no images");
  const std::size_t n_fields = lines.front().fields.size();
  if (n_fields < 2) {
    throw Failure(at(lines.front()) +
                  "this line has 1 field; expected a label and pixels, with "
                  "commas between");
  }
  for (const Line& line : lines) {
    if (line.fields.size() != n_fields) {
      throw Failure(at(line) + "this line has " + std::to_string(line.fields.size()) +
                    " fields, the lines before it " + std::to_string(n_fields));
    }
  }
  const std::size_t place =
      label_place(file, label_column, header.fields.empty() ? nullptr : &header, lines);
  out.path = file.string();
  const auto n_pixels = static_cast<std::int64_t>(n_fields) - 1;
  const auto side =
      static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(n_pixels))));
  out.rows = side * side == n_pixels ? side : 1;
  out.columns = n_pixels / out.rows;
  out.brightest = 0;
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < n_fields; ++i) {
      if (i == place) continue;
      const int value = pixel(line.fields[i]);
      if (value < 0) {
        throw Failure(at(line) + "field " + std::to_string(i + 1) + " is '" +
                      std::string(line.fields[i].substr(0, 40)) +
                      "', not a pixel (a whole number from 0 to 255)");
      }
      out.brightest = std::max(out.brightest, value);
      out.grey.push_back(static_cast<std::uint8_t>(value));
    }
    if (line.fields[place].empty()) throw Failure(at(line) + "the label is empty");
    out.labels.emplace_back(line.fields[place]);
  }
  if (out.brightest == 0) throw Failure(file.string() + ": all pixels are 0");
  return out;
}

}  // namespace images

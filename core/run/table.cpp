// table.cpp: as wide as it must be, as long as one can read.
#include "run/table.hpp"

#include <algorithm>
#include <cmath>

#include "base/number_text.hpp"

namespace attnlab {
namespace {

std::string number_text(double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;  // not inside a letter
  return text.substr(0, end) + "...";
}

// Letters of UTF-8 text.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool looks_like_a_number(const std::string& cell) {
  return cell.empty() || cell == "-" ||
         cell.find_first_not_of("0123456789.+-einfa") == std::string::npos;
}

}  // namespace

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  const std::size_t n = rows.front().size();
  std::vector<std::size_t> widths(n, 0);
  std::vector<bool> right(n, rows.size() > 1);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < n; ++c) {
      widths[c] = std::max(widths[c], width(rows[r][c]));
      if (r > 0) right[c] = right[c] && looks_like_a_number(rows[r][c]);
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < n; ++c) {
      const std::string pad(widths[c] - width(row[c]), ' ');
      line += (c > 0 ? "  " : "") + (right[c] ? pad + row[c] : row[c] + pad);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

void print_table(std::FILE* out, const Table& table) {
  const std::size_t most = n_printed;
  std::vector<std::vector<std::string>> rows;
  const bool accuracy = std::ranges::any_of(
      table.rows, [](const TableRow& row) { return !std::isnan(row.final_accuracy); });
  const bool validation = std::ranges::any_of(
      table.rows, [](const TableRow& row) { return !std::isnan(row.final_validation_accuracy); });
  std::vector<std::string> head = {"trial", "id", "status"};
  for (const std::string& name : table.swept_names) head.push_back(name);
  head.emplace_back("final_loss");
  if (accuracy) head.emplace_back("final_accuracy");
  if (validation) head.emplace_back("validation_accuracy");
  rows.push_back(head);
  const std::size_t n = std::min(most, table.rows.size());
  for (std::size_t i = 0; i < n; ++i) {
    const TableRow& row = table.rows[i];
    std::vector<std::string> cells = {std::to_string(row.number), row.id, to_string(row.status)};
    for (const std::string& value : row.swept) cells.push_back(shortened(value, 40));
    cells.push_back(number_text(row.final_loss));
    if (accuracy) cells.push_back(number_text(row.final_accuracy));
    if (validation) cells.push_back(number_text(row.final_validation_accuracy));
    rows.push_back(std::move(cells));
  }
  std::fputs(columns(rows).c_str(), out);
  if (n < table.rows.size()) {
    std::fprintf(out, "... and %zu more, all in results.h5\n", table.rows.size() - n);
  }
  std::size_t told = 0;
  for (const TableRow& row : table.rows) {
    if (row.status == TrialStatus::done || told == 5) continue;
    ++told;
    std::fprintf(out, "trial %lld %s: %s\n", static_cast<long long>(row.number),
                 to_string(row.status).c_str(), row.error.c_str());
  }
}

std::string counts_text(const Tally& tally) {
  std::string text = counted(tally.total(), "trial") + ": ";
  bool first = true;
  for (std::size_t i = 0; i < tally.counts.size(); ++i) {
    if (tally.counts[i] == 0 && i > 0) continue;
    text += (first ? "" : ", ") + std::to_string(tally.counts[i]) + " " +
            to_string(static_cast<TrialStatus>(i));
    first = false;
  }
  return text;
}

std::string failures_text(const Tally& tally) {
  return std::to_string(tally.failures()) + " of " + std::to_string(tally.total()) +
         " trials are not done; their reasons are in the table, in `attnlab status` and in "
         "results.h5";
}

}  // namespace attnlab

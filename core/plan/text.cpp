// text.cpp: writes a plan as a table, as CSV and as JSON.
#include "plan/text.hpp"

#include <algorithm>
#include <ostream>

#include "base/nearest.hpp"
#include "base/number_text.hpp"

namespace attnlab {
namespace {

struct Totals {
  double parameters = 0, flops = 0, working_bytes = 0, result_bytes = 0;
};

// Sums, but the largest working memory: trials train one after the other.
Totals totals_of(std::span<const Estimate> estimates) {
  Totals totals;
  for (const Estimate& estimate : estimates) {
    totals.parameters += static_cast<double>(estimate.parameters);
    totals.flops += estimate.flops;
    totals.working_bytes = std::max(totals.working_bytes, estimate.working_bytes);
    totals.result_bytes += estimate.result_bytes;
  }
  return totals;
}

// Text as it is, all else in YAML's flow spelling.
std::string plain_text(const Settings& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> header(const Plan& plan, bool with_estimates) {
  std::vector<std::string> cells{"number", "id"};
  cells.insert(cells.end(), plan.swept_paths().begin(), plan.swept_paths().end());
  if (with_estimates) {
    cells.insert(cells.end(), {"parameters", "flops", "working_bytes", "result_bytes"});
  }
  return cells;
}

std::vector<std::string> row(const Trial& trial, const Estimate* estimate, bool for_people) {
  std::vector<std::string> cells{std::to_string(trial.number), to_string(trial.id)};
  for (const Settings& value : trial.swept) cells.push_back(plain_text(value));
  if (!estimate) return cells;
  cells.push_back(std::to_string(estimate->parameters));
  if (for_people) {
    cells.insert(cells.end(), {count_text(estimate->flops), bytes_text(estimate->working_bytes),
                               bytes_text(estimate->result_bytes)});
  } else {
    for (const double x : {estimate->flops, estimate->working_bytes, estimate->result_bytes}) {
      cells.push_back(Settings(x).dump());
    }
  }
  return cells;
}

const Estimate* estimate_of(std::span<const Estimate> estimates, Index number) {
  return estimates.empty() ? nullptr : &estimates[static_cast<std::size_t>(number)];
}

// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void write_table(std::ostream& out, const Plan& plan, std::span<const Estimate> estimates) {
  std::vector<std::string> head = header(plan, !estimates.empty());
  if (!estimates.empty()) {
    *(head.end() - 2) = "memory";
    *(head.end() - 1) = "results";
  }
  std::vector<std::size_t> widths;
  for (const std::string& cell : head) widths.push_back(width_of(cell));
  const auto cells_of = [&](Index number) {
    return row(plan.trial(number), estimate_of(estimates, number), true);
  };
  for (Index number = 0; number < plan.size(); ++number) {
    const std::vector<std::string> cells = cells_of(number);
    for (std::size_t c = 0; c < cells.size(); ++c)
      widths[c] = std::max(widths[c], width_of(cells[c]));
  }
  const auto write_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      line += (c == 0 ? "" : "  ") + cells[c] + std::string(widths[c] - width_of(cells[c]), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  write_line(head);
  for (Index number = 0; number < plan.size(); ++number) write_line(cells_of(number));
  out << '\n' << plan.grid().name << ": " << counted(plan.size(), "trial");
  if (!estimates.empty()) {
    const Totals totals = totals_of(estimates);
    out << ", " << count_text(totals.flops) << " flops, at most "
        << bytes_text(totals.working_bytes) << " of memory for one trial, "
        << bytes_text(totals.result_bytes) << " of results";
  }
  out << '\n';
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void write_csv(std::ostream& out, const Plan& plan, std::span<const Estimate> estimates) {
  const auto write_line = [&](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c) out << (c == 0 ? "" : ",") << csv_cell(cells[c]);
    out << '\n';
  };
  write_line(header(plan, !estimates.empty()));
  for (Index number = 0; number < plan.size(); ++number) {
    write_line(row(plan.trial(number), estimate_of(estimates, number), false));
  }
}

Settings to_json(const Plan& plan, Index number, const Estimate* estimate) {
  const Trial& trial = plan.trial(number);
  Settings swept = Settings::object();
  for (std::size_t p = 0; p < trial.swept.size(); ++p)
    swept[plan.swept_paths()[p]] = trial.swept[p];
  Settings out{{"number", trial.number},
               {"id", to_string(trial.id)},
               {"swept", std::move(swept)},
               {"settings", plan.settings(number)}};
  if (estimate) {
    out["parameters"] = estimate->parameters;
    out["flops"] = estimate->flops;
    out["working_bytes"] = estimate->working_bytes;
    out["result_bytes"] = estimate->result_bytes;
  }
  return out;
}

// One trial a line: a plan of 100,000 trials is never held as one tree.
void write_json(std::ostream& out, const Plan& plan, std::span<const Estimate> estimates,
                const Settings& prediction) {
  out << "{\"name\": " << Settings(plan.grid().name).dump()
      << ",\n \"description\": " << Settings(plan.grid().description).dump()
      << ",\n \"n_trials\": " << plan.size()
      << ",\n \"swept_paths\": " << Settings(plan.swept_paths()).dump();
  if (!estimates.empty()) {
    const Totals totals = totals_of(estimates);
    out << ",\n \"totals\": "
        << Settings{{"parameters", totals.parameters},
                    {"flops", totals.flops},
                    {"largest_working_bytes", totals.working_bytes},
                    {"result_bytes", totals.result_bytes}}
               .dump();
  }
  if (!prediction.is_null()) out << ",\n \"prediction\": " << prediction.dump();
  out << ",\n \"trials\": [";
  for (Index number = 0; number < plan.size(); ++number) {
    out << (number == 0 ? "\n  " : ",\n  ")
        << to_json(plan, number, estimate_of(estimates, number)).dump();
  }
  out << "\n ]}\n";
}

}  // namespace

Result<PlanFormat> plan_format(std::string_view word) {
  static const std::vector<std::string> words{"table", "json", "csv"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (word == words[i]) return static_cast<PlanFormat>(i);
  }
  return Error{"--format", "there is no format '" + std::string(word) + "'",
               suggestion(word, words)};
}

void write_plan(std::ostream& out, const Plan& plan, std::span<const Estimate> estimates,
                PlanFormat format, const Settings& prediction) {
  switch (format) {
    case PlanFormat::table: return write_table(out, plan, estimates);
    case PlanFormat::json: return write_json(out, plan, estimates, prediction);
    case PlanFormat::csv: return write_csv(out, plan, estimates);
  }
}

}  // namespace attnlab

// judge.cpp: from stored trials to verdicts, and verdicts for people.
#include "run/judge.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "claims/claim.hpp"
#include "grid/tree.hpp"
#include "run/table.hpp"
#include "store/claim_trials.hpp"

namespace attnlab {
namespace {

Settings settings_from(const std::string& yaml) {
  Mistakes mistakes;
  const auto tree = read_tree(yaml, mistakes);
  return tree ? to_settings(*tree, mistakes) : Settings::object();
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return std::isnan(value) ? "-" : text;
}

}  // namespace

Judge judge_of(std::vector<std::string> names, std::filesystem::path landscapes,
               std::vector<std::string>* waiting) {
  if (names.empty()) return {};
  return [names = std::move(names), landscapes = std::move(landscapes),
          waiting](const Results& results) -> Result<std::vector<ClaimRow>> {
    const auto trials = claim_trials(results, settings_from, landscapes);
    if (!trials) return trials.errors();
    Trials seen;
    for (const auto& trial : *trials) seen.push_back(trial.get());
    const auto judged = judge_claims(names, seen);
    if (!judged) return judged.errors();
    std::vector<ClaimRow> rows;
    for (const auto& [claim, finding] : *judged) {
      if (waiting && finding.lacks_trials) {
        if (std::ranges::find(*waiting, claim->name) == waiting->end())
          waiting->push_back(claim->name);
        continue;
      }
      rows.push_back({claim->name, finding.trials, finding.sentence,
                      static_cast<std::int8_t>(finding.holds ? 1 : 0), finding.measured,
                      finding.bound});
    }
    return rows;
  };
}

Result<std::vector<ClaimRow>> read_claims(const Results& results) {
  const auto claim = results.texts("/claims/claim"), trials = results.texts("/claims/trials"),
             sentence = results.texts("/claims/sentence");
  const auto holds = results.numbers("/claims/holds"),
             measured = results.numbers("/claims/measured"),
             bound = results.numbers("/claims/bound");
  for (const auto* column : {&claim, &trials, &sentence})
    if (!*column) return column->errors();
  for (const auto* column : {&holds, &measured, &bound})
    if (!*column) return column->errors();
  std::vector<ClaimRow> rows;
  for (std::size_t i = 0; i < claim->size(); ++i) {
    rows.push_back({(*claim)[i], (*trials)[i], (*sentence)[i],
                    static_cast<std::int8_t>(holds->values[i]), measured->values[i],
                    bound->values[i]});
  }
  return rows;
}

void print_claims(std::FILE* out, const std::vector<ClaimRow>& rows, std::size_t most) {
  if (rows.empty()) return;
  std::vector<std::vector<std::string>> lines = {
      {"claim", "trials", "measured", "bound", "verdict", "sentence"}};
  std::size_t n = 0;  // told
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ClaimRow& row = rows[i];
    const bool news = row.holds == 0 && n < 2 * most;  // also behind many that hold
    if (i >= most && !news) continue;
    ++n;
    lines.push_back({row.claim, row.trials, number_text(row.measured), number_text(row.bound),
                     row.holds != 0 ? "holds" : "does not hold", row.sentence});
  }
  std::fputs(columns(lines).c_str(), out);
  if (n < rows.size())
    std::fprintf(out, "... and %zu more, all in /claims of results.h5\n", rows.size() - n);
  const auto held = std::ranges::count_if(rows, [](const ClaimRow& row) { return row.holds != 0; });
  std::fprintf(out, "claims: %td of %zu verdicts hold\n", held, rows.size());
}

}  // namespace attnlab

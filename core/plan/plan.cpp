// plan.cpp: numbers the trials of a grid, gives them their ids, and sees that no two are one.
#include "plan/plan.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "grid/combinations.hpp"
#include "grid/path.hpp"

namespace attnlab {
namespace {

TrialId id_of_text(const std::string& canonical_text) {
  const Sha256 digest = sha256(canonical_text);
  TrialId id;
  for (std::size_t i = 0; i < 8; ++i) id.hash = (id.hash << 8) | digest[i];
  return id;
}

// Steps to combination `number`, counted without exclusions.
class Cursor {
 public:
  explicit Cursor(const Grid& grid) : grid_(grid) {}

  std::string words(std::int64_t number) const {
    std::string text;
    each(number, [&](const Axis& axis, std::size_t value) {
      for (std::size_t p = 0; p < axis.paths.size(); ++p) {
        text += (text.empty() ? "" : ", ") + axis.paths[p] + ": " + axis.values[value][p].dump();
      }
    });
    return "{" + text + "}";
  }

  // Where the first value stands in which combination `number` differs from `other`.
  Mark difference(std::int64_t number, std::int64_t other) const {
    std::vector<std::size_t> others;
    each(other, [&](const Axis&, std::size_t value) { others.push_back(value); });
    Mark mark;
    std::size_t a = 0;
    each(number, [&](const Axis& axis, std::size_t value) {
      if (mark == Mark{} && value != others[a]) mark = axis.marks[value].front();
      ++a;
    });
    return mark;
  }

 private:
  template <class Visit>
  void each(std::int64_t number, Visit visit) const {
    std::vector<std::size_t> choice(grid_.axes.size());
    for (std::size_t a = choice.size(); a-- > 0;) {
      const auto n = static_cast<std::int64_t>(grid_.axes[a].values.size());
      choice[a] = static_cast<std::size_t>(number % n);
      number /= n;
    }
    for (std::size_t a = 0; a < choice.size(); ++a) visit(grid_.axes[a], choice[a]);
  }

  const Grid& grid_;
};

// Equal ids mean equal settings: each pair of places once.
void check_different(const Grid& grid, const std::vector<Trial>& trials,
                     const std::vector<std::int64_t>& combinations, Mistakes& mistakes) {
  std::vector<std::pair<TrialId, Index>> by_id;
  by_id.reserve(trials.size());
  for (const Trial& trial : trials) by_id.emplace_back(trial.id, trial.number);
  std::ranges::sort(by_id);
  const Cursor cursor(grid);
  std::vector<std::pair<Mark, Mark>> told;
  for (std::size_t i = 1; i < by_id.size(); ++i) {
    if (by_id[i].first != by_id[i - 1].first) continue;
    const std::int64_t one = combinations[static_cast<std::size_t>(by_id[i - 1].second)];
    const std::int64_t two = combinations[static_cast<std::size_t>(by_id[i].second)];
    const std::pair<Mark, Mark> places{cursor.difference(one, two), cursor.difference(two, one)};
    if (std::ranges::find(told, places) != told.end()) continue;
    told.push_back(places);
    mistakes.add(places.second,
                 "the trials " + cursor.words(one) + " (" +
                     place(grid.file, grid.overrides, places.first) + ") and " + cursor.words(two) +
                     " are one and the same",
                 "take one of the values away, or exclude it");
  }
}

}  // namespace

std::string to_string(TrialStatus status) {
  switch (status) {
    case TrialStatus::done: return "done";
    case TrialStatus::diverged: return "diverged";
    case TrialStatus::failed: return "failed";
    case TrialStatus::timed_out: return "timed_out";
    case TrialStatus::crashed: return "crashed";
  }
  return "?";
}

Result<Plan> Plan::make(Grid grid, Catalogue catalogue) {
  Plan plan;
  plan.grid_ = std::move(grid);
  plan.catalogue_ = std::move(catalogue);
  for (const Axis& axis : plan.grid_.axes) {
    plan.swept_paths_.insert(plan.swept_paths_.end(), axis.paths.begin(), axis.paths.end());
  }

  Mistakes mistakes;
  check_first_keys(plan.grid_, mistakes);
  Combinations combinations(plan.grid_, plan.catalogue_);
  std::vector<std::int64_t> kept;  // number of each trial's combination
  std::string text;
  std::int64_t number = 0;
  do {
    const std::int64_t combination = number++;
    if (combinations.is_excluded()) continue;
    combinations.canonical_text(text, mistakes);
    Trial trial{plan.size(), id_of_text(text), {}};
    trial.swept.reserve(plan.swept_paths_.size());
    for (std::size_t a = 0; a < plan.grid_.axes.size(); ++a) {
      const std::vector<Settings>& values = plan.grid_.axes[a].values[combinations.choice()[a]];
      trial.swept.insert(trial.swept.end(), values.begin(), values.end());
    }
    kept.push_back(combination);
    plan.trials_.push_back(std::move(trial));
  } while (combinations.next());

  if (plan.trials_.empty()) {
    const auto& exclusions = plan.grid_.exclusions;
    const bool known = !exclusions.empty() && !exclusions.front().marks.empty();
    mistakes.add(known ? exclusions.front().marks.front() : Mark{1, 1},
                 "the exclusions leave no trial", "exclude less");
  }
  if (mistakes.empty()) check_different(plan.grid_, plan.trials_, kept, mistakes);
  if (!mistakes.empty()) return mistakes.errors(plan.grid_.file, plan.grid_.overrides);
  return plan;
}

Settings Plan::settings(Index number) const {
  Settings given = grid_.trial;
  const Trial& one = trial(number);
  for (std::size_t p = 0; p < swept_paths_.size(); ++p) {
    set_at(given, swept_paths_[p], one.swept[p]);
  }
  // make() has resolved the same settings without a mistake.
  const Result<Settings> resolved = resolve(given, catalogue_);
  return resolved ? *resolved : Settings(nullptr);
}

}  // namespace attnlab

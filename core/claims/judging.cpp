// judging.cpp: findings for each trial or each group, and numbers in sentences.
#include "claims/judging.hpp"

#include <cstdio>
#include <map>

namespace attnlab {

Index RecordedArray::row_size() const {
  Index n = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) n *= shape[axis];
  return n;
}

std::string trial_text(const TrialRecords& trial) {
  return "trial " + std::to_string(trial.number());
}

std::string trials_text(const Trials& trials) {
  if (trials.size() == 1) return trial_text(*trials.front());
  std::string text = "trials ";
  for (std::size_t i = 0; i < trials.size();) {
    std::size_t last = i;  // of a run of numbers without a gap
    while (last + 1 < trials.size() && trials[last + 1]->number() == trials[last]->number() + 1)
      ++last;
    text += (i > 0 ? ", " : "") + std::to_string(trials[i]->number());
    if (last > i) text += "-" + std::to_string(trials[last]->number());
    i = last + 1;
  }
  return text;
}

std::string text_of(const char* format, ...) {
  char text[512];
  va_list list;
  va_start(list, format);
  std::vsnprintf(text, sizeof text, format, list);
  va_end(list);
  return text;
}

Finding cannot_judge(std::string trials, double bound, const std::string& why) {
  return {std::move(trials), false, not_measured, bound, "cannot be judged: " + why};
}

Finding too_few_trials(std::string trials, double bound, const std::string& why) {
  Finding out = cannot_judge(std::move(trials), bound, why);
  out.lacks_trials = true;
  return out;
}

std::vector<Finding> for_each_trial(const Trials& trials, const std::vector<std::string>& needed,
                                    double bound,
                                    const std::function<Finding(const TrialRecords&)>& judge) {
  std::vector<Finding> out;
  for (const TrialRecords* trial : trials) {
    std::string missing;
    for (const std::string& name : needed) {
      if (missing.empty() && !trial->series(name)) missing = name;
    }
    Finding finding;
    if (!trial->done()) {
      finding = cannot_judge("", bound, "the trial is not done");
    } else if (!missing.empty()) {
      finding = cannot_judge("", bound, "the series " + missing + " was not recorded");
    } else {
      finding = judge(*trial);
    }
    finding.trials = trial_text(*trial);
    out.push_back(std::move(finding));
  }
  return out;
}

std::vector<Trials> groups_that_differ_in(const Trials& trials,
                                          const std::vector<std::string>& paths) {
  std::vector<Trials> groups;
  std::map<std::string, std::size_t> known;
  for (const TrialRecords* trial : trials) {
    Settings settings = trial->settings();
    for (const std::string& path : paths) {
      std::string pointer = "/" + path;
      for (char& c : pointer) c = c == '.' ? '/' : c;
      const Settings::json_pointer at(pointer);
      if (settings.contains(at)) settings[at] = nullptr;
    }
    const auto [place, is_new] = known.try_emplace(canonical(settings), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(trial);
  }
  return groups;
}

}  // namespace attnlab

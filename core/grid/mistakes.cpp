// mistakes.cpp: sorts, thins and words the mistakes of a grid file.
#include "grid/mistakes.hpp"

#include <algorithm>

namespace attnlab {

std::string place(const std::string& file, const std::vector<std::string>& overrides, Mark mark) {
  if (mark.line > 0) {
    return file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
  }
  const auto number = static_cast<std::size_t>(mark.column);
  if (number >= 1 && number <= overrides.size()) return "--set " + overrides[number - 1];
  return file;
}

void Mistakes::add(Mark mark, std::string what, std::string hint) {
  list_.push_back({mark, std::move(what), std::move(hint)});
}

Errors Mistakes::errors(const std::string& file, const std::vector<std::string>& overrides) const {
  constexpr std::ptrdiff_t most = 5;
  std::vector<Mistake> sorted = list_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());

  Errors errors;
  for (auto first = sorted.begin(); first != sorted.end();) {
    const auto last = std::find_if(
        first, sorted.end(), [&](const Mistake& mistake) { return mistake.mark != first->mark; });
    const std::string where = place(file, overrides, first->mark);
    for (auto it = first; it != last && it - first < most; ++it) {
      errors.push_back({where, it->what, it->hint, Blame::user});
    }
    if (last - first > most) {
      errors.push_back(
          {where,
           "there are " + std::to_string(last - first - most) + " more mistakes at this place", "",
           Blame::user});
    }
    first = last;
  }
  return errors;
}

}  // namespace attnlab

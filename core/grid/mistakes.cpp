// mistakes.cpp: sorts, thins and words the mistakes of a grid file.
#include "grid/mistakes.hpp"

namespace attnlab {

std::string place(const std::string& file, const std::vector<std::string>& overrides, Mark mark) {
  if (mark.line > 0) {
    return file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
  }
  const auto number = static_cast<std::size_t>(mark.column);
  if (number >= 1 && number <= overrides.size()) return "--set " + overrides[number - 1];
  return file;
}

namespace {
constexpr std::size_t most_at_a_place = 5;
}

void Mistakes::add(Mark mark, std::string what, std::string hint) {
  // One more than is told is kept: a million wrong trials take no more room than six.
  auto& sentences = places_[mark];
  if (sentences.size() <= most_at_a_place) {
    sentences.emplace(std::move(what), std::move(hint));
  } else {
    ++left_out_;
  }
}

void Mistakes::add(const Mistakes& others) {
  for (const auto& [mark, sentences] : others.places_) {
    for (const auto& [what, hint] : sentences) add(mark, what, hint);
  }
  left_out_ += others.left_out_;
}

Errors Mistakes::errors(const std::string& file, const std::vector<std::string>& overrides) const {
  Errors errors;
  for (const auto& [mark, sentences] : places_) {
    const std::string where = place(file, overrides, mark);
    std::size_t n = 0;
    for (const auto& [what, hint] : sentences) {
      if (++n > most_at_a_place) {
        errors.push_back({where, "there are more mistakes at this place", "mend these first"});
      } else {
        errors.push_back({where, what, hint});
      }
    }
  }
  return errors;
}

}  // namespace attnlab

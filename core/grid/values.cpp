// values.cpp: scalars, lists, ranges, linspace and logspace as lists of values.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/nearest.hpp"
#include "grid/fields.hpp"
#include "grid/sweep.hpp"

namespace attnlab {
namespace {

using Numbers = std::vector<Settings>;

bool too_many(double n, Mark mark, Mistakes& mistakes) {
  if (n <= static_cast<double>(most_trials)) return false;
  mistakes.add(mark, "these are more than " + std::to_string(most_trials) + " values",
               "a grid spans at most that many trials");
  return true;
}

// To 15 digits, so that 0.1 steps give 0.3 as a person would write it, and the same trial as 0.3.
double tidy(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", x);
  return std::strtod(text, nullptr) + 0.0;
}

Numbers empty_range(Mark mark, Mistakes& mistakes) {
  mistakes.add(mark, "this range is empty",
               "it goes from the first number to before the second, in steps of the third");
  return {};
}

Numbers whole_range(std::int64_t first, std::int64_t last, std::int64_t step, Mark mark,
                    Mistakes& mistakes) {
  if (step > 0 ? last <= first : last >= first) return empty_range(mark, mistakes);
  // Unsigned differences are exact where signed ones overflow.
  const auto from = static_cast<std::uint64_t>(first), to = static_cast<std::uint64_t>(last);
  const auto width = static_cast<std::uint64_t>(step);
  const std::uint64_t n =
      step > 0 ? (to - from - 1) / width + 1 : (from - to - 1) / (0 - width) + 1;
  if (too_many(static_cast<double>(n), mark, mistakes)) return {};
  Numbers out;
  for (std::uint64_t i = 0; i < n; ++i) out.push_back(static_cast<std::int64_t>(from + i * width));
  return out;
}

// first, first + step, ... before last; whole numbers stay whole.
Numbers range(const Numbers& given, Mark mark, Mistakes& mistakes) {
  const Settings step = given.size() > 2 ? given[2] : Settings(1);
  if (step.get<double>() == 0) {
    mistakes.add(mark, "the step of a range cannot be 0", "leave it out for steps of 1");
    return {};
  }
  if (given[0].is_number_integer() && given[1].is_number_integer() && step.is_number_integer()) {
    return whole_range(given[0].get<std::int64_t>(), given[1].get<std::int64_t>(),
                       step.get<std::int64_t>(), mark, mistakes);
  }
  const double first = given[0].get<double>(), width = step.get<double>();
  // A value that rounding alone puts before the end is not meant: range [0, 0.3, 0.1] has three.
  const double n = std::ceil((given[1].get<double>() - first) / width - 1e-9);
  if (!(n >= 1)) return empty_range(mark, mistakes);
  if (too_many(n, mark, mistakes)) return {};
  Numbers out;
  for (Index i = 0; static_cast<double>(i) < n; ++i)
    out.push_back(tidy(first + static_cast<double>(i) * width));
  return out;
}

// n numbers from a to b, both as they are, evenly spaced in themselves or in their logarithms.
Numbers spaced(const Numbers& given, bool logarithmic, Mark mark, Mistakes& mistakes) {
  const double a = given[0].get<double>(), b = given[1].get<double>();
  if (!given[2].is_number_integer() || given[2].get<std::int64_t>() < 1) {
    mistakes.add(
        mark,
        "the third number says how many: it must be a whole number from 1, not " + given[2].dump(),
        "as in `[0.001, 0.1, 5]`");
    return {};
  }
  if (logarithmic && !(a > 0 && b > 0)) {
    mistakes.add(mark, "logspace needs numbers above 0", "use linspace, or other ends");
    return {};
  }
  if (too_many(given[2].get<double>(), mark, mistakes)) return {};
  const auto n = given[2].get<std::int64_t>();
  Numbers out;
  for (std::int64_t i = 0; i < n; ++i) {
    const double part = n == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(n - 1);
    const double x = logarithmic ? std::pow(10.0, (1 - part) * std::log10(a) + part * std::log10(b))
                                 : (1 - part) * a + part * b;
    out.push_back(i == 0 ? a : i == n - 1 ? b : tidy(x));
  }
  return out;
}

}  // namespace

std::vector<Settings> swept_values(const Node& node, const std::string& path,
                                   std::vector<Mark>& marks, Mistakes& mistakes) {
  static const std::vector<std::string> rules{"range", "linspace", "logspace"};
  std::vector<Settings> values;
  if (node.kind == Node::Kind::list) {
    for (const Node& item : node.items) {
      Settings value = to_settings(item, mistakes);
      if (!item.flaw.empty()) continue;
      values.push_back(std::move(value));
      marks.push_back(item.mark);
    }
    if (node.items.empty()) {
      mistakes.add(node.mark, "no values are given for '" + path + "'",
                   "give some, or remove the line");
    }
    return values;
  }
  if (node.kind == Node::Kind::scalar) {
    if (!node.flaw.empty()) {
      mistakes.add(node.mark, node.flaw, node.hint);
    } else if (node.is_null()) {
      mistakes.add(node.mark, "no values are given for '" + path + "'",
                   "give some, or remove the line");
    } else {  // one value is a list of one
      values.push_back(node.scalar);
      marks.push_back(node.mark);
    }
    return values;
  }
  if (node.keys.size() != 1 || nearest(node.keys[0].text, rules).empty()) {
    mistakes.add(node.mark,
                 "the values of '" + path + "' must be a list, or one of range, linspace, logspace",
                 "to sweep a mapping put it into a list: `[{...}, {...}]`");
    return values;
  }
  const std::string& rule = node.keys[0].text;
  const Node& list = node.items[0];
  if (std::find(rules.begin(), rules.end(), rule) == rules.end()) {
    mistakes.add(node.keys[0].mark, "there is no '" + rule + "'", suggestion(rule, rules));
    return values;
  }
  const Settings given = to_settings(list, mistakes);
  const std::string wanted =
      rule == "range" ? "[first, last_exclusive, step]" : "[first, last, count]";
  const std::size_t least = rule == "range" ? 2 : 3;
  if (!given.is_array() || given.size() < least || given.size() > 3) {
    mistakes.add(list.mark, rule + " wants " + wanted,
                 "as in `" + rule + (rule == "range" ? ": [0, 10]`" : ": [0.001, 0.1, 5]`"));
    return values;
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].is_number()) continue;
    mistakes.add(list.items[i].mark, rule + " wants numbers, not " + noun(given[i]),
                 "as " + wanted);
    return values;
  }
  const Numbers numbers(given.begin(), given.end());
  values = rule == "range" ? range(numbers, list.mark, mistakes)
                           : spaced(numbers, rule == "logspace", list.mark, mistakes);
  marks.assign(values.size(), list.mark);
  return values;
}

}  // namespace attnlab
